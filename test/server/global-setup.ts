// Starts the one server that all *.server.test.ts share: `inject('temporalAddress')`. Each test takes a task queue and ids of its own.
import type { TestProject } from 'vitest/node';
import { preparedTemporalPath, startRunServer } from '../temporal-server.ts';

export default async function startServer(project: TestProject): Promise<() => Promise<void>> {
  const temporalPath = await preparedTemporalPath();
  const server = await startRunServer(temporalPath);
  project.provide('temporalPath', temporalPath);
  project.provide('temporalAddress', server.address);
  return () => server.stop();
}
