// Owns the defaults of each MUI component, in theme tokens. Knows no screen.
import type { Components, CssVarsTheme, Theme } from '@mui/material/styles';

type Themed = Omit<Theme, 'components' | 'palette'> & CssVarsTheme;

const outline = (theme: Themed) => ({
  outline: `2px solid ${theme.vars.palette.accent.main}`,
  outlineOffset: 1,
});

const alertColours = { error: 'rejected', warning: 'waiting', success: 'approved', info: 'accent' } as const;

/** Everything a component looks like unless a screen says otherwise. */
export const componentDefaults: Components<Themed> = {
  MuiCssBaseline: {
    styleOverrides: (theme) => ({
      'html, body, #root': { height: '100%' },
      'td.MuiTableCell-alignRight, time, [role="grid"]': { fontVariantNumeric: 'tabular-nums' },
      body: { overflow: 'hidden', fontSize: '0.84375rem', lineHeight: '1.25rem' },
      ':focus-visible': outline(theme),
      '@media (prefers-reduced-motion: reduce)': {
        '*': { animationDuration: '1ms !important', transition: 'none !important' },
      },
    }),
  },
  MuiButtonBase: { defaultProps: { disableRipple: true } },
  MuiButton: {
    defaultProps: { disableElevation: true, variant: 'outlined', color: 'inherit' },
    styleOverrides: {
      root: ({ theme }) => ({
        minHeight: 32,
        minWidth: 0,
        padding: '0 12px',
        gap: 8,
        whiteSpace: 'nowrap',
        '&.Mui-focusVisible': outline(theme),
        '&[aria-disabled="true"]': { opacity: 0.5 },
      }),
      outlined: ({ theme }) => ({
        borderColor: theme.vars.palette.strongLine,
        backgroundColor: theme.vars.palette.background.paper,
        '&:hover': { backgroundColor: theme.vars.palette.background.sunk },
      }),
      startIcon: { marginLeft: 0, marginRight: 0 },
      endIcon: { marginLeft: 0, marginRight: 0 },
    },
  },
  MuiIconButton: {
    styleOverrides: { root: ({ theme }) => ({ borderRadius: 6, padding: 6, '&.Mui-focusVisible': outline(theme) }) },
  },
  MuiPaper: {
    defaultProps: { elevation: 0 },
    styleOverrides: {
      root: ({ theme }) => ({ backgroundImage: 'none', border: `1px solid ${theme.vars.palette.divider}` }),
    },
  },
  MuiAppBar: { styleOverrides: { root: { border: 0 } } },
  MuiChip: {
    styleOverrides: {
      root: ({ theme }) => ({
        height: 28,
        borderRadius: 6,
        fontSize: '0.8125rem',
        border: `1px solid ${theme.vars.palette.divider}`,
        backgroundColor: theme.vars.palette.background.paper,
        '&.Mui-focusVisible': { ...outline(theme), backgroundColor: theme.vars.palette.background.paper },
        '&[aria-pressed="true"]': {
          backgroundColor: theme.vars.palette.accent.tint,
          color: theme.vars.palette.accent.main,
          borderColor: 'transparent',
        },
      }),
      label: { paddingLeft: 10, paddingRight: 10, display: 'flex', alignItems: 'center', gap: 6 },
    },
  },
  MuiTable: { defaultProps: { size: 'small' } },
  MuiTableRow: {
    styleOverrides: {
      root: ({ theme }) => ({
        height: 36,
        '&.Mui-selected, &.Mui-selected:hover': {
          backgroundColor: theme.vars.palette.accent.tint,
          '& > td:first-of-type': { boxShadow: `inset 3px 0 0 ${theme.vars.palette.accent.main}` },
        },
        '&:focus-visible': { outlineOffset: -2 },
        '&:last-child > td, tbody > &:last-child > th': { borderBottom: 0 },
      }),
      head: { height: 32 },
    },
  },
  MuiTableCell: {
    styleOverrides: {
      root: ({ theme }) => ({
        padding: '0 12px',
        borderBottom: `1px solid ${theme.vars.palette.divider}`,
        '&:first-of-type': { paddingLeft: 16 },
        '&:last-of-type': { paddingRight: 16 },
      }),
      body: { fontSize: '0.84375rem', lineHeight: '1.25rem' },
      head: ({ theme }) => ({
        fontSize: '0.75rem',
        lineHeight: '1.125rem',
        fontWeight: 500,
        color: theme.vars.palette.text.secondary,
        whiteSpace: 'nowrap',
      }),
    },
  },
  MuiTooltip: {
    defaultProps: { arrow: false, enterDelay: 400, describeChild: true, disableInteractive: false },
    styleOverrides: {
      tooltip: ({ theme }) => ({
        fontSize: '0.75rem',
        lineHeight: '1.125rem',
        padding: '4px 8px',
        color: theme.vars.palette.background.paper,
        backgroundColor: theme.vars.palette.text.primary,
        maxWidth: 420,
      }),
    },
  },
  MuiDialog: {
    defaultProps: { maxWidth: 'sm', fullWidth: true },
    styleOverrides: { paper: { borderRadius: 8 } },
  },
  MuiDialogTitle: { styleOverrides: { root: { fontSize: '1.0625rem', fontWeight: 600, padding: '16px 20px 8px' } } },
  MuiDialogContent: { styleOverrides: { root: { padding: '4px 20px 16px' } } },
  MuiDialogActions: {
    styleOverrides: {
      root: { padding: '0 20px 16px', gap: 8 },
      spacing: { '& > :not(style) ~ :not(style)': { marginLeft: 0 } },
    },
  },
  MuiMenu: { defaultProps: { transitionDuration: 80 } },
  MuiMenuItem: {
    styleOverrides: {
      root: ({ theme }) => ({
        minHeight: 32,
        fontSize: '0.84375rem',
        paddingTop: 4,
        paddingBottom: 4,
        gap: 8,
        '&.Mui-focusVisible': {
          ...outline(theme),
          outlineOffset: -2,
          backgroundColor: theme.vars.palette.background.sunk,
        },
      }),
    },
  },
  MuiTextField: { defaultProps: { size: 'small' } },
  MuiOutlinedInput: {
    styleOverrides: {
      root: ({ theme }) => ({
        minHeight: 32,
        fontSize: '0.84375rem',
        backgroundColor: theme.vars.palette.background.paper,
        '& .MuiOutlinedInput-notchedOutline': { borderColor: theme.vars.palette.strongLine },
        '& :focus-visible': { outline: 'none' },
      }),
      input: { padding: '6px 10px', height: '1.25rem' },
      multiline: { padding: 0, '& textarea': { height: 'auto', padding: '6px 10px' } },
    },
  },
  // As high as any other field.
  MuiAutocomplete: {
    styleOverrides: {
      inputRoot: {
        '&.MuiOutlinedInput-root.MuiInputBase-sizeSmall': { paddingTop: 0, paddingBottom: 0 },
        '&.MuiOutlinedInput-root.MuiInputBase-sizeSmall .MuiAutocomplete-input': { padding: '6px 4px' },
      },
    },
  },
  MuiInputLabel: {
    styleOverrides: {
      root: {
        fontSize: '0.84375rem',
        '&.MuiInputLabel-outlined:not(.MuiInputLabel-shrink)': { transform: 'translate(10px, 6px)' },
      },
    },
  },
  MuiFormHelperText: { styleOverrides: { root: { marginLeft: 0, marginRight: 0 } } },
  MuiSelect: { styleOverrides: { select: { minHeight: '1.25rem', lineHeight: '1.25rem' } } },
  MuiSwitch: {
    defaultProps: { disableRipple: true },
    styleOverrides: {
      root: {
        width: 30,
        height: 18,
        padding: 0,
        margin: '0 8px',
        borderRadius: 9,
        '&:focus-within': { outline: '2px solid transparent' },
      },
      switchBase: ({ theme }) => ({
        padding: 2,
        '&.Mui-checked': { transform: 'translateX(12px)' },
        '&.Mui-checked .MuiSwitch-thumb': { backgroundColor: theme.vars.palette.background.paper },
        '&.Mui-checked + .MuiSwitch-track': { opacity: 1, backgroundColor: theme.vars.palette.accent.main },
        '&.Mui-focusVisible + .MuiSwitch-track': outline(theme),
      }),
      thumb: ({ theme }) => ({
        width: 14,
        height: 14,
        boxShadow: 'none',
        backgroundColor: theme.vars.palette.background.paper,
      }),
      track: ({ theme }) => ({ opacity: 1, borderRadius: 9, backgroundColor: theme.vars.palette.text.disabled }),
    },
  },
  MuiCheckbox: { defaultProps: { size: 'small' }, styleOverrides: { root: { padding: 4 } } },
  MuiRadio: { defaultProps: { size: 'small' }, styleOverrides: { root: { padding: 4 } } },
  // The circle, not its padding, stands at the left edge.
  MuiFormControlLabel: { styleOverrides: { root: { '&:has(.MuiRadio-root)': { marginLeft: -6 } } } },
  MuiLinearProgress: {
    styleOverrides: {
      root: ({ theme }) => ({ height: 6, borderRadius: 3, backgroundColor: theme.vars.palette.divider }),
      bar: { borderRadius: 3 },
    },
  },
  MuiLink: { defaultProps: { underline: 'always', color: 'primary' } },
  MuiAlert: {
    styleOverrides: {
      root: ({ theme, ownerState }) => {
        const { main, tint } = theme.vars.palette[alertColours[ownerState.severity ?? 'success']];
        return { borderRadius: 6, padding: '4px 12px', color: main, backgroundColor: tint, borderColor: 'transparent' };
      },
      message: { padding: '6px 0' },
      icon: { display: 'none' },
    },
  },
};
