// Owns the way on in practice, where one person plays all parts: what comes next in a report, and as whom. Nothing in a team.
import { Button } from '@mui/material';
import type { PhaseState, Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import { placeName } from '../../domain/phases.ts';
import { go } from '../routes.ts';
import type { Route } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { play, playerOf } from './play-as.tsx';
import { nextTurn } from './practice-turn.ts';

type Place = Pick<PhaseState, 'phase' | 'lob'>;
const same = (a: Place, b: Place): boolean => a.phase === b.phase && a.lob === b.lob;

/**
 * "Go on as Tom Tester": the place that is shown comes first while it waits for somebody, then what else waits in this report.
 * Nothing is offered while what is shown waits for the active person.
 */
export function NextTurn({ report, here, stay }: { report: Report; here: Place | null; stay?: Route }) {
  const profiles = useShared((state) => state.profiles);
  const me = useShared(activeProfile);
  const shown = here && report.phases.find((line) => same(line, here));
  const waiting = shown && isOpen(shown.state) && shown.waitingFor.length > 0 ? shown : nextTurn([report])?.line;
  if (!me?.practice || !waiting) return null;
  const { phase, lob } = waiting;
  const there: Route = { screen: 'phase', reportId: report.reportId, phase, lob };
  const isHere = here !== null && same(waiting, here);
  if (waiting.waitingFor.includes(me.personId)) {
    return isHere ? null : <Button onClick={() => go(there)}>Next: {placeName(waiting)}</Button>;
  }
  const player = playerOf(profiles ?? [], waiting.waitingFor);
  if (!player) return null;
  const follow = () => void play(player).then(() => (isHere ? stay && go(stay) : go(there)));
  return (
    <Button onClick={follow}>
      Go on as {player.name}
      {isHere ? '' : `: ${placeName(waiting)}`}
    </Button>
  );
}
