// Preloaded before the core's program: gives it the port that Electron's utility processes have, over Node's own channel.
// With COUNTERSIGN_BENCH_WATCH it counts modules that hold Temporal's client and says so with each answer.
import { registerHooks } from 'node:module';

/** Stands in the client's protocol definitions and nowhere else. */
const markOfTemporal = 'RegisterNamespaceRequest';
let temporalModules = 0;
if (process.env['COUNTERSIGN_BENCH_WATCH']) {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const isTemporal = url.includes('/@temporalio/') || String(loaded.source ?? '').includes(markOfTemporal);
      if (isTemporal) temporalModules += 1;
      return loaded;
    },
  });
}
process.parentPort = {
  postMessage: (message) => process.send({ ...message, temporalModules }),
  on: (_event, listener) => process.on('message', (data) => listener({ data })),
};
