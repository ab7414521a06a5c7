// Every icon of the product. To add one: find its name in `node_modules/lucide-static/icons`, add it
// here in order, use `<Icon name="…"/>`; the build cuts the sprite from that package and fails on a
// name that it does not have. Marks and state shapes of our own stand in static/marks.svg.

export const ICONS = [
  'archive',
  'arrow-down',
  'arrow-right',
  'arrow-up',
  'bell',
  'bell-off',
  'check',
  'chevron-down',
  'chevron-left',
  'chevron-right',
  'chevrons-up-down',
  'circle-check',
  'circle-question-mark',
  'circle-x',
  'clock',
  'database',
  'download',
  'ellipsis',
  'external-link',
  'fingerprint-pattern',
  'git-pull-request',
  'history',
  'house',
  'info',
  'layout-dashboard',
  'layout-grid',
  'list-checks',
  'list-filter',
  'loader-circle',
  'lock',
  'log-in',
  'log-out',
  'menu',
  'monitor',
  'moon',
  'plus',
  'scroll-text',
  'search',
  'server',
  'settings',
  'shield-alert',
  'shield-check',
  'smartphone',
  'sun',
  'triangle-alert',
  'user',
  'users',
  'x',
] as const
export type IconName = (typeof ICONS)[number]

/** Shapes of static/marks.svg: the logo, and one shape for each state of a thing. */
export type MarkName =
  'mark' | 's-live' | 's-soaking' | 's-paused' | 's-drifted' | 's-missing' | 's-unknown' | 's-none'
