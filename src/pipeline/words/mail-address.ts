/** One plain mail address, fit for an envelope: what people type into a register or a configuration is refused rather than repaired. */
const ADDRESS = /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,253}$/;

export const isMailAddress = (value: string): boolean => ADDRESS.test(value);
