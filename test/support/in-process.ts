/** Commands without the program around them: a third of a second less for each. One at a time. */
import { vi } from 'vitest';
import type { Environment } from './daemon.ts';

/** What the command prints, or the error it ends with. */
export async function said(command: () => Promise<void>, env: Environment): Promise<string> {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    await command();
    return lines.join('');
  } catch (error) {
    return `error: ${(error as Error).message}`;
  } finally {
    spy.mockRestore();
    vi.unstubAllEnvs();
  }
}
