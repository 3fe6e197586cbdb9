// Owns what the embedded parts get of the application's environment. Pure.
import { serviceVariables } from '../../domain/worker-config.ts';

const services = Object.values(serviceVariables).flatMap((names): string[] => Object.values(names));

/**
 * The environment without `TEMPORAL_…`, for what is meant for a team's cluster must not reach the embedded parts, and without the
 * variables of outside services: the worker is told those by its pipe, and nobody else needs their secrets.
 */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isLeftOut = (name: string): boolean => name.startsWith('TEMPORAL_') || services.includes(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isLeftOut(name.toUpperCase())));
}
