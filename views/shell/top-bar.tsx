// The bar over every page: where one is, search and commands, running jobs, help, the person. Every
// button opens by itself without script; search is a link to its own page that a script turns into
// the palette.

import { JobsButton, JobsPanel } from '#views/jobs/panel.tsx'
import { Avatar, Count } from '#views/parts/badge.tsx'
import { Button, Kbd, LinkButton } from '#views/parts/button.tsx'
import { Popover } from '#views/parts/dialog.tsx'
import { Icon } from '#views/parts/icon.tsx'
import type { Crumb, Frame } from './frame.ts'
import { Keys, WHY_KEY } from './keys.tsx'

export const TopBar = ({ frame, crumbs }: { frame: Frame; crumbs: readonly Crumb[] }) => (
  <header class="top">
    <button
      class="btn btn-quiet btn-icon menu-open"
      type="button"
      popovertarget="rail"
      aria-label="Menu"
    >
      <Icon name="menu" size="l" />
    </button>
    <Crumbs crumbs={crumbs} />
    <WhyLink href={frame.why} />
    <a class="find" href={frame.paths.find} data-opens="palette">
      <Icon name="search" />
      <span>Search or run a command</span>
      <Kbd>Ctrl K</Kbd>
    </a>
    <JobsButton count={frame.jobs.runningCount} />
    <Button
      type="button"
      kind="quiet"
      icon="circle-question-mark"
      iconOnly
      class="help-btn"
      popovertarget="keys"
    >
      Keys of this page
    </Button>
    <button class="btn btn-quiet btn-icon" type="button" popovertarget="me">
      <Avatar name={frame.person.name} size="l" />
      <span class="vh">{frame.person.name}: account and theme</span>
      {frame.person.newEvents > 0 && (
        <Count value={frame.person.newEvents} label="new security events" acts />
      )}
    </button>
    <Popover id="jobs" label="Running jobs">
      <JobsPanel jobs={frame.jobs} path={frame.paths.jobs} />
    </Popover>
    <Keys nav={frame.nav.flat()} hasWhy={frame.why !== null} />
    <PersonMenu frame={frame} />
  </header>
)

/** Behind where one is: why there is such a page, what its words mean, what to do there. */
const WhyLink = ({ href }: { href: string | null }) =>
  href !== null && (
    <LinkButton
      href={href}
      kind="quiet"
      icon="info"
      iconOnly
      class="why"
      data-keys={WHY_KEY}
      title="Why this page"
    >
      Why this page
    </LinkButton>
  )

const Crumbs = (props: { crumbs: readonly Crumb[] }) => (
  <nav class="crumbs" aria-label="Breadcrumb">
    <ol>
      {props.crumbs.map(({ label, href }, index) => (
        <li>
          {index > 0 && <Icon name="chevron-right" size="s" />}
          {href === undefined ? (
            <span aria-current="page" dir="auto">
              {label}
            </span>
          ) : (
            <a href={href} dir="auto">
              {label}
            </a>
          )}
        </li>
      ))}
    </ol>
  </nav>
)

const THEMES = [
  ['system', 'monitor', 'Theme: as the system'],
  ['light', 'sun', 'Light'],
  ['dark', 'moon', 'Dark'],
] as const

// Choosing a theme needs the script, so its buttons are shown by it; the system's theme needs none.
const PersonMenu = ({ frame }: { frame: Frame }) => (
  <Popover id="me" label="Account" isSmall>
    <div class="panel-head">
      <div>
        <strong dir="auto">{frame.person.name}</strong>
        <p class="small muted">{frame.person.note}</p>
      </div>
    </div>
    <div class="menu-list">
      <a href="/account">
        <Icon name="user" />
        Your account
      </a>
      <a href="/account/events">
        <Icon name="bell" />
        Security events
        {frame.person.newEvents > 0 && <Count value={frame.person.newEvents} label="new" acts />}
      </a>
      <hr />
      <div class="menu-part" data-script hidden>
        {THEMES.map(([theme, icon, label]) => (
          <button type="button" data-theme-set={theme} aria-pressed="false">
            <Icon name={icon} />
            {label}
          </button>
        ))}
        <hr />
      </div>
      <form method="post" action="/sign-out">
        <button>
          <Icon name="log-out" />
          Sign out
        </button>
      </form>
    </div>
  </Popover>
)
