// How devices come in: at once on one's own machine, by the people file, or by a test manager's approval.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queries, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import { practicePeople } from '../../domain/people.ts';
import type { DeviceOutcome } from '../../worker/workflows/device-workflow.ts';
import { Laptop, until, World } from './worker-world.ts';

let world: World;
let mara: Laptop;
beforeAll(async () => {
  // The first manager's key has to be in the people file before the worker starts.
  const people = { people: practicePeople.map((person) => ({ ...person, devices: [] as string[] })) };
  world = await World.open({ enrolAtOnce: false, people });
  await world.stopWorker();
  mara = new Laptop(world, 'mara');
  people.people.find((person) => person.personId === 'mara')?.devices.push(mara.publicKey);
  await world.startWorker();
});
afterAll(() => world.close());

test('a device whose key the people file lists is approved at once', async () => {
  const handle = await mara.startEnrolment();
  expect(await handle.result()).toMatchObject({ status: 'approved' });
});

test('another device waits, is refused reading, and comes in by a test manager’s approval', async () => {
  const tara = new Laptop(world, 'tara');
  const handle = await tara.startEnrolment();
  await until(async () => (await handle.query<DeviceOutcome>(queries.progress)).status === 'waiting');
  await expect(tara.pull(0)).rejects.toThrow('device-waiting');
  // A second start while it waits finds the first.
  expect((await tara.startEnrolment()).workflowId).toBe(handle.workflowId);
  await mara.do({ kind: 'device.approve', deviceId: tara.deviceId });
  expect(await handle.result()).toMatchObject({ status: 'approved' });
  expect((await tara.pull(0)).kind).toBe('page');
  // Revoking it starts the closed workflow again.
  const receipt = await mara.settled({ kind: 'device.revoke', deviceId: tara.deviceId });
  expect(receipt.state).toBe('applied');
  await expect(tara.pull(0)).rejects.toThrow('device-revoked');
});

test('an enrolment for another device, or with a foreign signature, or of nobody is refused', async () => {
  const tara = new Laptop(world, 'tara');
  const good = tara.enrolment();
  const enrol = async (deviceId: string, enrolment: unknown) => {
    const workflowId = workflowIdOf({ kind: 'device', id: deviceId });
    const { taskQueue } = world;
    const options = { workflowId, taskQueue, args: [{ enrolment }] };
    return (await world.client.workflow.start(workflowTypes.device, options)).result() as Promise<DeviceOutcome>;
  };
  expect(await enrol(randomUUID(), good)).toMatchObject({ status: 'refused' });
  expect(await enrol(tara.deviceId, { ...good, signature: mara.enrolment().signature })).toMatchObject({
    status: 'refused',
  });
  expect(await enrol(tara.deviceId, 'anything')).toMatchObject({ status: 'refused' });
  const nobody = new Laptop(world, 'nobody');
  expect(await enrol(nobody.deviceId, nobody.enrolment())).toMatchObject({ status: 'refused' });
});
