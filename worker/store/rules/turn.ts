// Owns nothing of its own: rules ask domain/turn.ts, which the laptop asks too.
export { whyNotGoing, whyNotLane, whyNotTurn, whyExpired } from '../../../domain/turn.ts';
