/** What a daemon says of itself at /metrics: cheaper to ask, again and again, than a command. */
import type { Daemon } from './daemon.ts';

/** Reads one figure, 0 when it is not there, as `mails{state="ticketed"}`; the daemon has to serve its console. */
export async function metric(daemon: Daemon, name: string): Promise<number> {
  await daemon.says(/"url":"(http:[^"]+)"/);
  const url = /"url":"(http:[^"]+)"/.exec(daemon.output())?.[1];
  const text = await (await fetch(`${url}metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(`partner_intake_${name} `));
  return Number(line?.split(' ').at(-1) ?? 0);
}
