/** The log: JSON lines on standard error. It carries ids, counts and causes; never addresses, subjects or bodies. */
import { destination, pino } from 'pino';

export type Logger = Pick<ReturnType<typeof pino>, 'debug' | 'info' | 'warn' | 'error'>;

export const createLogger = (level: string): Logger =>
  pino({ level, base: { pid: process.pid } }, destination({ fd: 2, sync: true }));
