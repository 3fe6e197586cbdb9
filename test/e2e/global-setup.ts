// Makes sure that there is a server to start: `inject('temporalPath')`. End-to-end tests start and stop servers themselves.
import type { TestProject } from 'vitest/node';
import { preparedTemporalPath } from '../temporal-server.ts';

export default async function prepareServer(project: TestProject): Promise<void> {
  project.provide('temporalPath', await preparedTemporalPath());
}
