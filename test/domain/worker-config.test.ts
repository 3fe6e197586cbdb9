// Services from an environment: whole ones are taken, half ones are named without repeating what stands in them.
import { expect, test } from 'vitest';
import { serviceVariables, servicesFrom, workerConfigSchema } from '../../domain/worker-config.ts';

const model = {
  COUNTERSIGN_LLM_URL: 'http://127.0.0.1:9/v1',
  COUNTERSIGN_LLM_MODEL: 'small',
  COUNTERSIGN_LLM_KEY: 'sk-hidden',
};
const mail = { COUNTERSIGN_SMTP_URL: 'smtp://user:hidden@127.0.0.1:25', COUNTERSIGN_MAIL_FROM: 'audit@bank.example' };

test('an environment without any of the variables configures nothing', () => {
  expect(servicesFrom({ PATH: '/bin', COUNTERSIGN_LLM_URL: '' })).toEqual({ services: {}, faults: [] });
});

test('both services are taken as a worker is told them', () => {
  const { services, faults } = servicesFrom({ ...model, ...mail });
  expect(faults).toEqual([]);
  expect(services).toEqual({
    model: { url: model.COUNTERSIGN_LLM_URL, model: 'small', key: 'sk-hidden' },
    mail: { url: mail.COUNTERSIGN_SMTP_URL, from: mail.COUNTERSIGN_MAIL_FROM },
  });
  const config = { mode: 'solo', address: '127.0.0.1:7233', namespace: 'default', dataDir: '/data', ...services };
  expect(workerConfigSchema.parse(config)).toEqual(config);
});

test('a model needs no key', () => {
  const { services } = servicesFrom({ ...model, COUNTERSIGN_LLM_KEY: undefined });
  expect(services.model).toEqual({ url: model.COUNTERSIGN_LLM_URL, model: 'small' });
});

test.each([
  ['a model without a name', { ...model, COUNTERSIGN_LLM_MODEL: undefined }, /COUNTERSIGN_LLM_MODEL is missing/u],
  ['a key alone', { COUNTERSIGN_LLM_KEY: 'sk-hidden' }, /COUNTERSIGN_LLM_URL is missing: COUNTERSIGN_LLM_KEY alone/u],
  [
    'an address that is none',
    { ...model, COUNTERSIGN_LLM_URL: 'hidden place' },
    /COUNTERSIGN_LLM_URL has to be of the form https/u,
  ],
  [
    'an address of another kind',
    { ...mail, COUNTERSIGN_SMTP_URL: 'https://hidden' },
    /COUNTERSIGN_SMTP_URL has to be of the form smtp/u,
  ],
  ['a sender without an address', { ...mail, COUNTERSIGN_MAIL_FROM: 'hidden' }, /COUNTERSIGN_MAIL_FROM has to hold/u],
  ['mail without a sender', { ...mail, COUNTERSIGN_MAIL_FROM: '' }, /COUNTERSIGN_MAIL_FROM is missing/u],
])('%s is not used, and said without what stands in it', (_what, env, message) => {
  const { services, faults } = servicesFrom(env);
  expect(services).toEqual({});
  expect(faults.join('\n')).toMatch(message);
  expect(faults.join('\n')).not.toContain('hidden');
});

test('a faulty service does not take the other one with it', () => {
  const { services, faults } = servicesFrom({ ...model, COUNTERSIGN_SMTP_URL: 'smtp://127.0.0.1' });
  expect(Object.keys(services)).toEqual(['model']);
  expect(faults).toHaveLength(1);
});

test('the names are those of the README', () => {
  expect(Object.values(serviceVariables).flatMap((names) => Object.values(names))).toEqual([
    ...['COUNTERSIGN_LLM_URL', 'COUNTERSIGN_LLM_MODEL', 'COUNTERSIGN_LLM_KEY'],
    ...['COUNTERSIGN_SMTP_URL', 'COUNTERSIGN_MAIL_FROM'],
  ]);
});
