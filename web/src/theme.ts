/** The component library's theme, in terms of the tokens in `styles/tokens.css`. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#e9f8f5",
  "#d3f0eb",
  "#a5e2d9",
  "#6fd2c4",
  "#2dd4bf",
  "#14b8a6",
  "#0d8d80",
  "#0f766e",
  "#0b5f58",
  "#084b46",
];

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.4,
  colors: { teal },
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
  components: {
    Button: { defaultProps: { size: "sm" } },
    Menu: { defaultProps: { shadow: "md", withinPortal: true, position: "bottom-end" } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 1 }, padding: "lg" },
    },
    Drawer: { defaultProps: { position: "right", overlayProps: { backgroundOpacity: 0.3 } } },
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
