/** The inside of a thread that reads one CSV file and ends: a million rows take seconds, and mail must not wait for them. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import { type CsvSource, isReadError } from './csv.ts';
import type { CsvFile, CsvRead } from './csv-reader.ts';
import type { LicenceTable } from './licence-table.ts';
import { readLicences } from './licences-csv.ts';
import { type PartnerTable, readPartners } from './partners-csv.ts';

const { variable, path } = workerData as CsvFile;
const source: CsvSource = { variable, name: path, text: () => readFileSync(path) };
const send = (read: CsvRead<LicenceTable | PartnerTable>, moved: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(read, moved);
try {
  if (variable === 'LICENCES') {
    const data = readLicences(source);
    send({ data }, [data.bytes.buffer, data.starts.buffer, data.index.buffer]);
  } else send({ data: readPartners(source) });
} catch (error) {
  send({ problem: messageOf(error), isPassing: isReadError(error) });
}
