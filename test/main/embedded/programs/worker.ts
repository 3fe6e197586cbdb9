// A worker as the host sees one, without Temporal: reads its line, says ready, ends with its stdin. `CRASH=1`: dies at once.
// Leaves what it was told in `told.json` of its data folder, and the names in its environment in `environment.json`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { workerConfigSchema } from '../../../../domain/worker-config.ts';

if (process.env['CRASH']) {
  console.error('no store here');
  process.exit(3);
}
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const config = workerConfigSchema.parse(JSON.parse(line));
    writeFileSync(join(config.dataDir, 'told.json'), line);
    writeFileSync(
      join(config.dataDir, 'environment.json'),
      JSON.stringify([...Object.keys(process.env), ...process.argv]),
    );
    console.log('some log text');
    console.log('{"event":"ready"}');
  })
  .on('close', () => process.exit(0));
