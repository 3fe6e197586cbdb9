// A host to be killed: supervises one child that only a signal ends. Arguments: data folder, `deaf` for a child that ignores SIGTERM.
import { superviseProcess } from '../../../../main/embedded/supervised-process.ts';

const [dataDir = '', deaf] = process.argv.slice(2);
const ignore = deaf === 'deaf' ? "process.on('SIGTERM', () => undefined);" : '';
const script = `${ignore} setInterval(() => undefined, 1000); console.log('up')`;
superviseProcess({
  name: 'child',
  dataDir,
  program: () => ({ file: process.execPath, args: ['-e', script], env: process.env }),
  waitUntilReady: ({ onLine }) => new Promise((resolve) => onLine(() => resolve())),
  readyLimitMs: 10_000,
  stopLimitMs: 1_000,
  onState: (state) => console.log(JSON.stringify(state)),
});
