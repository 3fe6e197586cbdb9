// The reporter that closes a run: why each skipped test was skipped, then `N passed, N failed[, N skipped]` as the very last line.
// A test skipped without a reason counts as failed. It knows nothing of what is tested.
import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

/** What a run came to. `problems` are sentences that are not printed by the default reporter. */
export interface Closing {
  passed: number;
  failed: number;
  skipped: number;
  reasons: string[];
  problems: string[];
}

type Place = TestCase['parent'];

function failedAround(test: TestCase): boolean {
  let place: Place = test.parent;
  for (;;) {
    if (place.errors().length > 0) return true;
    if (place.type === 'module') return false;
    place = place.parent;
  }
}

function countSkipped(test: TestCase, note: string | undefined, filtered: boolean, closing: Closing): void {
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  if (note === undefined && filtered) return;
  if (note === undefined && !failedAround(test)) {
    closing.failed += 1;
    closing.problems.push(`skipped without a reason (use ctx.skip('reason')): ${name}`);
    return;
  }
  closing.skipped += 1;
  closing.reasons.push(`skipped: ${name}: ${note ?? 'what stands around it failed'}`);
}

function countTest(test: TestCase, filtered: boolean, closing: Closing): void {
  const result = test.result();
  if (result.state === 'passed') closing.passed += 1;
  else if (result.state === 'skipped') countSkipped(test, result.note, filtered, closing);
  else closing.failed += 1;
}

function countBroken(place: TestModule | TestSuite, closing: Closing): void {
  if (place.errors().length > 0) closing.failed += 1;
}

/**
 * Counts a finished run. A file or suite that broke outside its tests, and each unhandled error, is one failure.
 * `filtered`: the run was narrowed by test name, so tests that were left out are not mentioned.
 */
export function closeRun(modules: readonly TestModule[], unhandledErrors: number, filtered: boolean): Closing {
  const closing: Closing = { passed: 0, failed: unhandledErrors, skipped: 0, reasons: [], problems: [] };
  for (const module of modules) {
    countBroken(module, closing);
    for (const suite of module.children.allSuites()) countBroken(suite, closing);
    for (const test of module.children.allTests()) countTest(test, filtered, closing);
  }
  return closing;
}

/** `3 passed, 0 failed` or `3 passed, 0 failed, 1 skipped`. */
export function closingLine({ passed, failed, skipped }: Pick<Closing, 'passed' | 'failed' | 'skipped'>): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** The reporter for `reporters: ['default', closingLineReporter()]`. */
export function closingLineReporter(): Reporter {
  let vitest: Vitest | undefined;
  let closing: Closing = closeRun([], 0, false);
  // Written while the process exits, by a synchronous call: nothing comes after it.
  process.once('exit', (code) => {
    const failed = code !== 0 && closing.failed === 0 ? 1 : closing.failed;
    const lines = [...closing.reasons, ...closing.problems, closingLine({ ...closing, failed })];
    writeSync(1, `${lines.join('\n')}\n`);
  });
  return {
    onInit(instance) {
      vitest = instance;
    },
    onTestRunEnd(modules, unhandledErrors) {
      closing = closeRun(modules, unhandledErrors.length, vitest?.config.testNamePattern !== undefined);
      if (closing.failed > 0) process.exitCode = 1;
    },
  };
}
