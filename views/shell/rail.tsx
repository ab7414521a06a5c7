// The left rail: which workspace, where one can go, how the instance is. On a phone it opens as a
// popover. Only pages that exist are in it; a count stands only where somebody must act.

import { firstLetter } from '#views/parts/format.ts'
import { Count } from '#views/parts/badge.tsx'
import { Icon, Mark } from '#views/parts/icon.tsx'
import { Popover } from '#views/parts/dialog.tsx'
import type { Frame, NavItem, WorkspaceLink } from './frame.ts'

export const Rail = ({ frame }: { frame: Frame }) => (
  <nav class="rail" id="rail" popover="auto" aria-label="Main">
    <a class="brand" href={frame.paths.home}>
      <Mark name="mark" class="c-accent" />
      Rulewright
    </a>
    <Workspaces
      name={frame.placeName}
      current={frame.workspace}
      all={frame.workspaces}
      find={frame.paths.find}
    />
    {frame.nav.map((group) => (
      <ul class="rail-nav">
        {group.map((item) => (
          <NavLink item={item} />
        ))}
      </ul>
    ))}
    <ul class="rail-foot" aria-label="This instance">
      <li data-tone={frame.instance.isReadOnly ? 'bad' : 'ok'}>
        <Mark name={frame.instance.isReadOnly ? 's-missing' : 's-live'} />
        <span>{frame.instance.isReadOnly ? 'Storage is read-only' : 'Storage takes writes'}</span>
      </li>
      <li>
        <Mark name="s-none" />
        <span>Rulewright {frame.instance.version}</span>
      </li>
    </ul>
  </nav>
)

const NavLink = ({ item }: { item: NavItem }) => (
  <li>
    <a href={item.href} data-keys={item.keys} aria-current={item.isCurrent ? 'page' : undefined}>
      <Icon name={item.icon} />
      {item.label}
      {item.count && <Count {...item.count} acts />}
    </a>
  </li>
)

/** More than these are found by name. */
const WORKSPACES_SHOWN = 12

// With one workspace there is nothing to switch, so nothing pretends to open.
const Workspaces = (props: {
  name: string
  current: WorkspaceLink | null
  all: readonly WorkspaceLink[]
  /** The page that finds pages, acts and workspaces. */
  find: string
}) => {
  const { name } = props
  const inside = (
    <>
      <span class="ws-mark" aria-hidden="true">
        {firstLetter(name)}
      </span>
      <span class="clip" title={name} dir="auto">
        {name}
      </span>
    </>
  )
  if (props.all.length <= 1 && props.current !== null) {
    return <div class="switch-ws ws-one">{inside}</div>
  }
  return (
    <>
      <button class="switch-ws" type="button" popovertarget="workspaces">
        <span class="vh">Switch workspace, now</span>
        {inside}
        <Icon name="chevrons-up-down" size="s" />
      </button>
      <Popover id="workspaces" label="Workspaces" isSmall>
        {props.all.length > WORKSPACES_SHOWN && <FindWorkspace path={props.find} />}
        <div class="menu-list">
          {props.all.slice(0, WORKSPACES_SHOWN).map(({ slug, name: label }) => (
            <a href={`/w/${slug}`} aria-current={slug === props.current?.slug ? 'true' : undefined}>
              {slug === props.current?.slug ? <Icon name="check" /> : <span class="i"></span>}
              <span class="clip" dir="auto">
                {label}
              </span>
            </a>
          ))}
        </div>
      </Popover>
    </>
  )
}

const FindWorkspace = (props: { path: string }) => (
  <form class="panel-head" action={props.path} method="get" role="search">
    <input
      class="input input-s"
      type="search"
      name="q"
      maxlength={200}
      aria-label="Find a workspace by name"
      placeholder="Find a workspace"
      autofocus
    />
  </form>
)
