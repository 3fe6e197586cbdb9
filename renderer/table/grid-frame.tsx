// Owns the looks of a long table, as one styled element: rows are plain elements with classes, so that scrolling costs no style work.
// Knows nothing of what stands in the cells.
import { styled } from '@mui/material/styles';
import { sizes } from '../theme.ts';

/** The scroll area with everything in it. Classes: `head`, `heading`, `row`, `cell`, `right`, `mono`, `settled`, `open`. */
export const GridFrame = styled('div')(({ theme }) => {
  const { palette } = theme.vars ?? theme;
  return {
    position: 'relative',
    overflow: 'auto',
    height: '100%',
    minWidth: 0,
    backgroundColor: palette.background.paper,
    outline: 'none',
    '& .row, & .head-row': { display: 'grid', gridTemplateColumns: 'var(--columns)', minWidth: 'var(--least-width)' },
    '& .head': { position: 'sticky', top: 0, zIndex: 2, backgroundColor: palette.background.paper },
    '& .head-row': {
      height: sizes.heading,
      alignItems: 'center',
      borderBottom: `1px solid ${palette.divider}`,
      ...theme.typography.subtitle2,
      color: palette.text.secondary,
    },
    '& .over-row': { color: palette.text.primary },
    '& .body': { position: 'relative' },
    '& .row': {
      position: 'absolute',
      left: 0,
      right: 0,
      top: 0,
      height: sizes.row,
      alignItems: 'stretch',
      borderBottom: `1px solid ${palette.divider}`,
      contain: 'layout style',
      cursor: 'default',
    },
    '& .cell, & .heading': {
      padding: '0 12px',
      minWidth: 0,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
    },
    '& .cell': { lineHeight: `${sizes.row - 1}px` },
    '& .sign': { padding: 0, textAlign: 'center' },
    '& .right': { textAlign: 'right' },
    '& .mono': { ...theme.typography.mono, lineHeight: `${sizes.row - 1}px` },
    '& .small': { ...theme.typography.caption, lineHeight: 'inherit', color: palette.text.secondary },
    '& .muted': { color: palette.text.secondary },
    // What is settled recedes, what needs work is dark.
    '& .settled .cell:not(.keeps)': { color: palette.text.secondary },
    '& .open': { fontWeight: 500 },
    '& .selected': { backgroundColor: palette.accent.tint },
    '& .current': { backgroundColor: palette.accent.tint },
    '& .current::before, & .framed::before': {
      content: '""',
      position: 'absolute',
      left: 0,
      top: 0,
      bottom: 0,
      width: sizes.accentEdge,
      backgroundColor: palette.accent.main,
    },
    '&:focus-visible .current': {
      outline: `1px solid ${palette.accent.main}`,
      outlineOffset: -1,
    },
    '&:focus-visible': { outline: 'none' },
    '& .removed': { backgroundColor: palette.rejected.tint },
    '& .added': { backgroundColor: palette.approved.tint },
    '& .changed': { backgroundColor: palette.waiting.tint, color: palette.waiting.main },
    '& .gap': { backgroundColor: palette.background.default, padding: 0 },
    '& .mark-removed': { color: palette.rejected.main, fontWeight: 600 },
    '& .mark-added': { color: palette.approved.main, fontWeight: 600 },
    '& .mark-changed': { color: palette.waiting.main, fontWeight: 600 },
    '& .framed': {
      outline: `1px solid ${palette.accent.main}`,
      outlineOffset: -1,
      zIndex: 1,
    },
    '& .skeleton': { display: 'flex', alignItems: 'center' },
    '& .skeleton::after': {
      content: '""',
      display: 'block',
      height: 8,
      width: '60%',
      borderRadius: 4,
      backgroundColor: palette.background.sunk,
    },
    '& .sort': {
      all: 'unset',
      cursor: 'pointer',
      borderRadius: 3,
      '&:hover': { color: palette.text.primary },
      '&:focus-visible': { outline: `2px solid ${palette.accent.main}`, outlineOffset: 1 },
    },
    '& .tickbox': { color: palette.accent.main, fontWeight: 600 },
  };
});
