// One machine with all practice identities, a real server and a real worker: where whole cycles are driven through the contract.
// Knows no phase.
import { openApplication } from '../../main/core/application.ts';
import type { Application } from '../../main/core/application.ts';
import { coreOptions, saidServer } from '../main/core/core-world.ts';
import { startServerWorld } from '../main/core/server-world.ts';
import type { ServerWorld } from '../main/core/server-world.ts';
import { driverOf } from './cycle-driver.ts';
import type { Driver } from './cycle-driver.ts';

export interface SoloWorld {
  world: ServerWorld;
  application: Application;
  driver: Driver;
  close(): Promise<void>;
}

export async function startSoloWorld(): Promise<SoloWorld> {
  const world = await startServerWorld();
  const server = saidServer({ kind: 'ready', address: world.address });
  const log = process.env['SHOW_CORE'] ? (line: string) => console.log(line) : () => undefined;
  const application = await openApplication(coreOptions(world.dataDir, { server, log }));
  return {
    world,
    application,
    driver: driverOf(application),
    async close() {
      await application.close();
      await world.close();
    },
  };
}
