// Owns which maker makes the items of which phase. A phase without one does not compile.
import { dataProfilingMaker } from './data-profiling.ts';
import type { Maker, MadePhase } from './making.ts';
import { observationsMaker } from './observations.ts';
import { planningMaker } from './planning.ts';
import { scopingMaker } from './scoping.ts';
import { testReportMaker } from './test-report.ts';

export const makers: Readonly<Record<MadePhase, Maker>> = {
  planning: planningMaker,
  'data-profiling': dataProfilingMaker,
  scoping: scopingMaker,
  observations: observationsMaker,
  'test-report': testReportMaker,
};
