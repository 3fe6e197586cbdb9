// A host to be killed: runs the solo mode in the folder of its first argument with the worker program of the second, prints each state.
import { createSolo } from '../../../../main/embedded/solo.ts';

const [dataDir = '', workerProgram = ''] = process.argv.slice(2);
const solo = createSolo({ dataDir, workerProgram });
solo.onState((state) => console.log(JSON.stringify(state)));
solo.start();
