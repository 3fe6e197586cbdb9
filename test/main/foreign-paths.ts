// Paths that no page may name: outside of the practice folder `/data/practice`, however they are written.

export const foreignPaths: readonly string[] = [
  '/etc/passwd',
  '/data/practice',
  '/data/practice/../incoming/x',
  '/data/practice/r/../../../etc/passwd',
  '/data/practice-of-somebody/x.csv',
  'practice/r/evidence-north.csv',
  '',
];
