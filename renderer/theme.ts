// Owns the whole look: colours of both schemes, type, sizes and component defaults. Screens take tokens from here and have none of
// their own. Knows no screen.
import { createTheme } from '@mui/material/styles';
import { componentDefaults } from './theme-components.ts';

/** A colour that means something, with the tint it stands on. */
interface Tinted {
  main: string;
  tint: string;
}
type Meaning = 'accent' | 'approved' | 'rejected' | 'waiting' | 'carried';

declare module '@mui/material/styles' {
  interface Palette extends Record<Meaning, Tinted> {
    strongLine: string;
  }
  interface PaletteOptions extends Partial<Record<Meaning, Tinted>> {
    strongLine?: string;
  }
  interface TypeBackground {
    sunk: string;
  }
  interface TypographyVariants {
    mono: { fontFamily: string; fontSize: string; lineHeight: string };
  }
  interface TypographyVariantsOptions {
    mono?: { fontFamily: string; fontSize: string; lineHeight: string };
  }
}
declare module '@mui/material/Typography' {
  interface TypographyPropsVariantOverrides {
    mono: true;
  }
}

/** Heights in pixels that several screens share. */
export const sizes = {
  bar: 48,
  foot: 30,
  heading: 32,
  row: 36,
  fieldRow: 28,
  control: 32,
  chip: 28,
  gutter: 20,
  accentEdge: 3,
  /** The detail pane beside a table, and the least height a table keeps where a window is very low. */
  pane: 368,
  leastTable: 220,
  /** The progress bar of a review. */
  progress: 210,
} as const;

const sans = '"Inter Variable", system-ui, sans-serif';
const mono = '"JetBrains Mono Variable", ui-monospace, monospace';

const light = {
  background: { default: '#fbfbfa', paper: '#ffffff', sunk: '#f4f4f2' },
  divider: '#e5e5e1',
  strongLine: '#d4d4cf',
  text: { primary: '#1b1c1a', secondary: '#6a6c66', disabled: '#8b8d87' },
  primary: { main: '#1d5fa8', contrastText: '#ffffff' },
  secondary: { main: '#6a6c66', contrastText: '#ffffff' },
  error: { main: '#b1271b', contrastText: '#ffffff' },
  warning: { main: '#8a5a00', contrastText: '#ffffff' },
  success: { main: '#1c7340', contrastText: '#ffffff' },
  info: { main: '#1d5fa8', contrastText: '#ffffff' },
  accent: { main: '#1d5fa8', tint: '#e9f1fa' },
  approved: { main: '#1c7340', tint: '#e8f4ec' },
  rejected: { main: '#b1271b', tint: '#fbecea' },
  waiting: { main: '#8a5a00', tint: '#fbf2dd' },
  carried: { main: '#5b6b7c', tint: '#f4f4f2' },
};

const dark = {
  background: { default: '#151615', paper: '#1b1c1b', sunk: '#212321' },
  divider: '#2c2e2c',
  strongLine: '#3d403d',
  text: { primary: '#ececea', secondary: '#9a9d97', disabled: '#767972' },
  primary: { main: '#7db2f0', contrastText: '#151615' },
  secondary: { main: '#9a9d97', contrastText: '#151615' },
  error: { main: '#f28b80', contrastText: '#151615' },
  warning: { main: '#e0b25a', contrastText: '#151615' },
  success: { main: '#6cc98f', contrastText: '#151615' },
  info: { main: '#7db2f0', contrastText: '#151615' },
  accent: { main: '#7db2f0', tint: '#1b2a3b' },
  approved: { main: '#6cc98f', tint: '#16281d' },
  rejected: { main: '#f28b80', tint: '#331b18' },
  waiting: { main: '#e0b25a', tint: '#2e2512' },
  carried: { main: '#9fb0c1', tint: '#212321' },
};

/** The one theme. In `sx`: `accent.tint`, `approved.main`, `background.sunk`, `strongLine` and so on. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: 'data', cssVarPrefix: 'cs' },
  colorSchemes: { light: { palette: light }, dark: { palette: dark } },
  shape: { borderRadius: 6 },
  breakpoints: { values: { xs: 0, sm: 640, md: 1024, lg: 1100, xl: 1200 } },
  typography: {
    fontFamily: sans,
    fontSize: 13.5,
    htmlFontSize: 16,
    body1: { fontSize: '0.84375rem', lineHeight: '1.25rem' },
    body2: { fontSize: '0.84375rem', lineHeight: '1.25rem' },
    button: { fontSize: '0.8125rem', lineHeight: '1.25rem', fontWeight: 500, textTransform: 'none' },
    caption: { fontSize: '0.75rem', lineHeight: '1.125rem' },
    subtitle2: { fontSize: '0.75rem', lineHeight: '1.125rem', fontWeight: 500 },
    h1: { fontSize: '1.25rem', lineHeight: '1.75rem', fontWeight: 600, letterSpacing: '-0.01em' },
    h2: { fontSize: '0.9375rem', lineHeight: '1.375rem', fontWeight: 600 },
    h3: { fontSize: '0.84375rem', lineHeight: '1.25rem', fontWeight: 600 },
    mono: { fontFamily: mono, fontSize: '0.75rem', lineHeight: '1.25rem' },
  },
  transitions: {
    duration: {
      shortest: 80,
      shorter: 100,
      short: 120,
      standard: 140,
      complex: 160,
      enteringScreen: 120,
      leavingScreen: 100,
    },
  },
  components: componentDefaults,
});
