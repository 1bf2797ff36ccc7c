/** A bound on work that must not grow with the square of its input, milliseconds: then it takes minutes. What it really takes is measured in bench/. */
export const BOUNDED_MS = 20_000;
