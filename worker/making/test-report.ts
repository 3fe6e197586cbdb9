// Owns what a test report is made from: all that the store knows of the report. Which sections follow is the domain's.
import { assembleReport } from '../../domain/test-report.ts';
import { readReportFacts } from '../store/report-facts.ts';
import type { Maker } from './making.ts';

/** Figures follow from the facts alone; people edit titles and texts, from which nothing follows: no rework. */
export const testReportMaker: Maker = {
  async propose({ store }, { reportId }) {
    const facts = await readReportFacts(store.db, reportId);
    const sections = assembleReport(facts);
    return {
      items: sections.map(({ itemKey, body }) => ({ itemKey, body, source: { kind: 'proposed' } })),
      summary: { sections: sections.length, ledgerEntries: facts.ledger.length, ledgerHash: facts.ledger.hash },
    };
  },
};
