// Owns the names of the moments at which the tests kill a worker: kinds of work of a cycle, and moments of each. Knows no process.

/** One kind of work of the driven cycle: an activity, and what its arguments hold where it does several kinds. */
interface KindOfWork {
  name: string;
  activity: string;
  /** Texts that the arguments hold as JSON, all of them. */
  where: readonly string[];
}

const work = (name: string, activity: string, ...where: string[]): KindOfWork => ({ name, activity, where });
const applying = (kind: string): KindOfWork => work(`apply ${kind}`, 'applyOperations', `"kind":"${kind}"`);
const creating = (name: string, followUp: 'make-version' | 'complete-phase', phase: string): KindOfWork =>
  work(name, 'createVersion', `"kind":"${followUp}"`, `"phase":"${phase}"`);

/** All that the driven cycle has activities do and that writes, in its order. */
export const kindsOfWork: readonly KindOfWork[] = [
  applying('cycle.start'),
  work('open planning', 'openPhase', '"planning"'),
  work('import the population', 'importPopulation'),
  work('propose planning', 'createPlanningVersion'),
  applying('version.submit'),
  applying('decisions.record'),
  applying('review.submit'),
  work('settle planning', 'approvePlanningVersion'),
  work('propose rules', 'createDataProfilingVersion'),
  creating('edit rules', 'make-version', 'data-profiling'),
  work('settle rules', 'processDataProfilingReview'),
  work('propose scoping', 'createScopingVersion'),
  creating('edit scoping', 'make-version', 'scoping'),
  work('settle scoping', 'approveVersion', '"phase":"scoping"'),
  work('name lines of business', 'nameLobs'),
  work('recommend samples', 'generateSampleRecommendations'),
  applying('sample.draw'),
  work('draw the sample', 'createSampleSelectionVersion'),
  work('settle a rejected sample', 'processSampleReview'),
  work('revise the sample', 'createSampleRevision'),
  work('settle the sample', 'approveSampleSelection'),
  work('apply owner.assign', 'assignDataOwner'),
  creating('complete data owners', 'complete-phase', 'data-owner-id'),
  work('start a lane', 'startLob'),
  work('apply document.submit', 'submitDocument'),
  creating('complete documents', 'complete-phase', 'request-info'),
  work('apply test.record', 'recordTestAction'),
  work('read the evidence', 'readEvidence'),
  work('apply test.update', 'updateTestResponse'),
  creating('complete testing', 'complete-phase', 'test-execution'),
  work('skip observations', 'skipPhase', '"observations"'),
  work('propose observations', 'createObservationVersion'),
  work('settle observations', 'processObservationReview'),
  work('finish a lane', 'finishLob'),
  work('assemble the report', 'createTestReport'),
  creating('edit the report', 'make-version', 'test-report'),
  work('apply report.sign', 'signOffTestReport'),
  work('settle the report', 'approveVersion', '"phase":"test-report"'),
];

/** `begin`: nothing is done; `commit`: its first transaction is committed, nobody was told; `answer`: all is done, the workflow is not told. */
export const moments = ['begin', 'commit', 'answer'] as const;
export type Moment = (typeof moments)[number];

/** A moment of a kind of work. The name is unique. */
export interface Boundary extends KindOfWork {
  moment: Moment;
}

const said = { begin: 'before it begins', commit: 'after its first commit', answer: 'before it answers' } as const;

function boundaryOf(kind: KindOfWork, moment: Moment): Boundary {
  return { ...kind, moment, name: `${kind.name}, ${said[moment]}` };
}

/** Every moment of every kind of work. */
export const allBoundaries: readonly Boundary[] = kindsOfWork.flatMap((kind) =>
  moments.map((moment) => boundaryOf(kind, moment)),
);

function named(name: string, moment: Moment): Boundary {
  const kind = kindsOfWork.find((each) => each.name === name);
  if (!kind) throw new Error(`there is no kind of work "${name}"`);
  return boundaryOf(kind, moment);
}

/** Those of every run of the tests: each kind of activity once, at the moment that is the worst for it. All moments of all: `npm run soak`. */
export const namedBoundaries: readonly Boundary[] = [
  named('open planning', 'commit'),
  named('import the population', 'begin'),
  named('propose planning', 'commit'),
  named('settle planning', 'answer'),
  named('propose rules', 'begin'),
  named('edit rules', 'commit'),
  named('settle rules', 'begin'),
  named('propose scoping', 'answer'),
  named('settle scoping', 'commit'),
  named('name lines of business', 'commit'),
  named('recommend samples', 'commit'),
  named('apply sample.draw', 'answer'),
  named('draw the sample', 'commit'),
  named('revise the sample', 'commit'),
  named('settle the sample', 'begin'),
  named('complete data owners', 'commit'),
  named('start a lane', 'answer'),
  named('read the evidence', 'commit'),
  named('propose observations', 'answer'),
  named('assemble the report', 'begin'),
  named('apply report.sign', 'answer'),
  named('settle the report', 'commit'),
];
