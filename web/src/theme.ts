/** The component library's theme, in terms of the tokens in `styles/tokens.css`. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e9f8f5",
  "#d3f0eb",
  "#a5e2d9",
  "#6fd2c4",
  "#2dd4bf",
  "#14b8a6",
  "#0c8075",
  "#0f766e",
  "#0b5f58",
  "#084b46",
];

const red: MantineColorsTuple = [
  "#fdedeb",
  "#fbdad6",
  "#f5b1aa",
  "#f7978c",
  "#ff9c92",
  "#d93c2e",
  "#c1291b",
  "#b42318",
  "#95190f",
  "#76110a",
];

const gray: MantineColorsTuple = [
  "#f7f8f8",
  "#edf1f0",
  "#e3e8e7",
  "#d5dddb",
  "#cbd4d2",
  "#83938f",
  "#5d6c68",
  "#4a5a57",
  "#2e3b38",
  "#14201e",
];

/** The library's greys of the dark scheme, lightest first: text, lines, surfaces. */
const dark: MantineColorsTuple = [
  "#e8efee",
  "#c3d0cd",
  "#a9b9b6",
  "#8b9d99",
  "#314542",
  "#20302d",
  "#121b1a",
  "#0e1514",
  "#0a100f",
  "#060a09",
];

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 6 },
  colors: { teal, red, gray, dark },
  fontFamily: "var(--flero-font)",
  fontFamilyMonospace: "var(--flero-mono)",
  headings: {
    fontFamily: "var(--flero-font)",
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.25rem", lineHeight: "1.35" },
      h2: { fontSize: "1rem", lineHeight: "1.4" },
      h3: { fontSize: "0.875rem", lineHeight: "1.45" },
    },
  },
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "sm" } },
    // The library's own size of a description is too small to read at length.
    InputWrapper: {
      styles: { description: { fontSize: "0.75rem", marginBottom: 3 }, label: { marginBottom: 3 } },
    },
    // The list itself scrolls: the library's scroll area is an element of its own, which the keyboard cannot reach.
    Select: {
      defaultProps: { withScrollArea: false },
      styles: { options: { maxHeight: "var(--flero-list-height, 260px)", overflowY: "auto" } },
    },
    MultiSelect: {
      defaultProps: { withScrollArea: false },
      styles: { dropdown: { maxHeight: 260, overflowY: "auto" } },
    },
    // What floats stands in a landmark of its own (index.html), so that no text is outside of all of them.
    Portal: { defaultProps: { target: "#overlays" } },
    // The library's coloured titles are too pale on their own ground; the icon and the ground say the tone.
    Alert: { styles: { title: { color: "var(--flero-ink)" } } },
    // The placeholder for the first focus is no item, and a menu may hold items alone.
    Menu: { defaultProps: { shadow: "md", position: "bottom-end", withInitialFocusPlaceholder: false } },
    Modal: {
      styles: { title: { fontWeight: 620, fontSize: "1rem", lineHeight: 1.35, overflowWrap: "anywhere" } },
      defaultProps: {
        centered: true,
        closeButtonProps: { "aria-label": "Close" },
        overlayProps: { backgroundOpacity: 0.45 },
        padding: "lg",
      },
    },
    Drawer: {
      styles: { title: { fontWeight: 620, fontSize: "1rem", lineHeight: 1.35, overflowWrap: "anywhere" } },
      defaultProps: {
        closeButtonProps: { "aria-label": "Close" },
        position: "right",
        overlayProps: { backgroundOpacity: 0.3 },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false } },
    Loader: { defaultProps: { type: "oval", size: "sm" } },
  },
});

/** Gives the library's own variables the values of our tokens, which already differ by scheme. */
export const cssVariables: CSSVariablesResolver = () => {
  const both = {
    "--mantine-color-body": "var(--flero-bg)",
    "--mantine-color-text": "var(--flero-ink)",
    "--mantine-color-dimmed": "var(--flero-ink-soft)",
    "--mantine-color-placeholder": "var(--flero-ink-faint)",
    "--mantine-color-default": "var(--flero-surface)",
    "--mantine-color-default-hover": "var(--flero-hover)",
    "--mantine-color-default-color": "var(--flero-ink)",
    "--mantine-color-default-border": "var(--flero-line-strong)",
    "--mantine-color-error": "var(--flero-bad)",
    "--mantine-color-anchor": "var(--flero-accent)",
  };
  return { variables: {}, light: both, dark: both };
};
