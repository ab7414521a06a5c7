// Fills the frame around a page: who looks, where they are, what they may go to, what runs. A page of
// a workspace and a page of the instance have the same frame over different paths.

import type { Caller } from '#platform/caller.ts'
import { countWaiting } from '#domain/changes/waiting.ts'
import { can, type Verb } from '#domain/access/permission.ts'
import type { Session } from '#domain/access/session.ts'
import { ENDED_STATES, listJobs, RUNNING_STATES } from '#domain/jobs/actions.ts'
import { countNewNotices } from '#domain/messages/actions.ts'
import type { WorkspaceId } from '#kernel/id.ts'
import type {
  Crumb,
  Frame,
  InstanceState,
  NavItem,
  RunningJobs,
  WorkspaceLink,
} from '#views/shell/frame.ts'
import type { IconName } from '#views/parts/icons.ts'
import type { HttpContext } from './env.ts'
import { homeOf } from './home.ts'
import { whyOf } from './whys.ts'

/** Where a page belongs: `/w/acme`, `/instance`, or `/account`, which is the person's own. */
export function placeOf(c: HttpContext): string {
  const slug = c.req.param('slug')
  if (slug !== undefined) return `/w/${slug}`
  return /^\/account(\/|$)/.test(c.req.path) ? '/account' : '/instance'
}

export interface NavEntry {
  readonly path: string
  readonly label: string
  readonly icon: IconName
  readonly keys: string
  readonly verb: Verb
  readonly group: number
}

// In the order of the rail. A noun adds its line with its page, and not before.
const WORKSPACE_NAV: readonly NavEntry[] = [
  {
    path: '',
    label: 'Overview',
    icon: 'layout-dashboard',
    keys: 'g o',
    verb: 'workspace.read',
    group: 0,
  },
  {
    path: '/rules',
    label: 'Rules',
    icon: 'scroll-text',
    keys: 'g r',
    verb: 'rule.read',
    group: 1,
  },
  {
    path: '/changes',
    label: 'Changes',
    icon: 'git-pull-request',
    keys: 'g c',
    verb: 'change.read',
    group: 1,
  },
  {
    path: '/deployments',
    label: 'Deployments',
    icon: 'rocket',
    keys: 'g d',
    verb: 'deployment.read',
    group: 1,
  },
  {
    path: '/drift',
    label: 'Drift',
    icon: 'git-compare',
    keys: 'g j',
    verb: 'drift.read',
    group: 1,
  },
  {
    path: '/exclusions',
    label: 'Exclusions',
    icon: 'eye-off',
    keys: 'g x',
    verb: 'exclusion.read',
    group: 1,
  },
  {
    path: '/lists',
    label: 'Lists',
    icon: 'list-filter',
    keys: 'g e',
    verb: 'rule.read',
    group: 1,
  },
  {
    path: '/silenced',
    label: 'Silenced',
    icon: 'bell-off',
    keys: 'g l',
    verb: 'health.read',
    group: 1,
  },
  {
    path: '/searches',
    label: 'Searches',
    icon: 'search',
    keys: 'g f',
    verb: 'search.run',
    group: 2,
  },
  {
    path: '/health',
    label: 'Health',
    icon: 'activity',
    keys: 'g h',
    verb: 'health.read',
    group: 2,
  },
  {
    path: '/coverage',
    label: 'Coverage',
    icon: 'layout-grid',
    keys: 'g v',
    verb: 'health.read',
    group: 2,
  },
  {
    path: '/targets',
    label: 'Targets',
    icon: 'crosshair',
    keys: 'g t',
    verb: 'target.read',
    group: 2,
  },
  {
    path: '/events',
    label: 'Sandbox',
    icon: 'database',
    keys: 'g b',
    verb: 'event.read',
    group: 2,
  },
  {
    path: '/as-of',
    label: 'As of',
    icon: 'history',
    keys: 'g w',
    verb: 'deployment.read',
    group: 3,
  },
  {
    path: '/audit',
    label: 'Audit',
    icon: 'shield-check',
    keys: 'g a',
    verb: 'audit.read',
    group: 3,
  },
  {
    path: '/settings',
    label: 'Settings',
    icon: 'settings',
    keys: 'g s',
    verb: 'policy.read',
    group: 3,
  },
]

const INSTANCE_NAV: readonly NavEntry[] = [
  { path: '', label: 'Instance', icon: 'server', keys: 'g i', verb: 'instance.read', group: 0 },
  { path: '/people', label: 'People', icon: 'users', keys: 'g p', verb: 'user.read', group: 1 },
  {
    path: '/workspaces',
    label: 'Workspaces',
    icon: 'layout-grid',
    keys: 'g w',
    verb: 'workspace.list',
    group: 1,
  },
  {
    path: '/audit',
    label: 'Audit',
    icon: 'shield-check',
    keys: 'g a',
    verb: 'audit.read',
    group: 3,
  },
]

// No verb: it is their own.
const ACCOUNT_NAV = [
  { path: '', label: 'Profile', icon: 'user', keys: 'g y' },
  { path: '/security', label: 'Signing in', icon: 'lock', keys: 'g p' },
  { path: '/sessions', label: 'Sessions and devices', icon: 'monitor', keys: 'g s' },
  { path: '/connections', label: 'Single sign-on', icon: 'log-in', keys: 'g z' },
  { path: '/events', label: 'Security events', icon: 'bell', keys: 'g e' },
  { path: '/appearance', label: 'Appearance', icon: 'sun', keys: 'g t' },
] as const

/** The pages this caller may go to, whatever page they are on now. */
export function navOf(c: HttpContext, caller: Caller, session: Session): NavItem[][] {
  const place = placeOf(c)
  if (place === '/account') return [accountNav(c)]
  const entries = place === '/instance' ? INSTANCE_NAV : WORKSPACE_NAV
  const groups = new Map<number, NavItem[]>()
  for (const { path, label, icon, keys, verb, group } of entries) {
    if (!can(caller, verb)) continue
    const href = place + path
    const isCurrent = c.req.path === href || (path !== '' && c.req.path.startsWith(`${href}/`))
    groups.set(group, [...(groups.get(group) ?? []), { href, label, icon, keys, isCurrent }])
  }
  if (place !== '/instance' && session.person.isOwner) {
    const item = { href: '/instance', label: 'Instance', icon: 'server', keys: 'g i' } as const
    groups.set(3, [...(groups.get(3) ?? []), { ...item, isCurrent: false }])
  }
  return [...groups.values()]
}

/** Counts stand only where this person has to act. */
async function withCounts(c: HttpContext, caller: Caller, nav: NavItem[][]): Promise<NavItem[][]> {
  const isHere = placeOf(c).startsWith('/w/') && can(caller, 'change.read')
  const waiting = isHere ? await countWaiting(c.var.house, caller) : 0
  if (waiting === 0) return nav
  const changes = `${placeOf(c)}/changes`
  const count = { value: waiting, label: `${waiting === 1 ? 'waits' : 'wait'} for you` }
  return nav.map((group) =>
    group.map((item) => (item.href === changes ? { ...item, count } : item)),
  )
}

function accountNav(c: HttpContext): NavItem[] {
  return ACCOUNT_NAV.map(({ path, ...entry }) => {
    const href = `/account${path}`
    const isCurrent = c.req.path === href || (path !== '' && c.req.path.startsWith(`${href}/`))
    return { ...entry, href, isCurrent }
  })
}

export async function loadFrame(c: HttpContext, session: Session, caller: Caller): Promise<Frame> {
  const { face } = c.var
  const { person } = session
  const place = placeOf(c)
  const membership = person.memberships.find((one) => place === `/w/${one.slug}`)
  // Search and signals of somebody's own pages are those of where they usually are.
  const home = homeOf(person)
  const base = place !== '/account' ? place : home === '/account' ? '/instance' : home
  const signalId = face.signals.last(caller.scope.workspaceId as WorkspaceId)
  return {
    person: {
      name: person.name,
      note: membership
        ? [membership.role, ...membership.flags].join(', ')
        : person.isOwner
          ? 'owner of the instance'
          : (person.email ?? ''),
      newEvents: await countNewNotices(c.var.house, caller, session.userId),
    },
    workspace: membership ? linkOf(membership) : null,
    placeName: membership?.name ?? (place === '/account' ? 'Your account' : 'Instance'),
    workspaces: person.memberships.map(linkOf),
    nav: await withCounts(c, caller, navOf(c, caller, session)),
    paths: {
      home: place,
      jobs: `${base}/jobs`,
      find: `${base}/find`,
      signals: `${base}/signals`,
    },
    jobs: await loadRunningJobs(c, caller),
    signalId,
    instance: instanceState(c),
    why: whyOf(c.var.route?.path),
    notice: takeNotice(session),
  }
}

export function instanceState(c: HttpContext): InstanceState {
  const { house, face } = c.var
  return {
    version: face.about.version,
    isReadOnly: house.db.isReadOnly,
    isAuditBroken: house.audit.broken !== undefined,
    heldReason: house.keys.hold?.reason ?? null,
  }
}

/** Where one is: the workspace or the instance, then the page. */
export function crumbsOf(frame: Frame, trail: readonly Crumb[]): readonly Crumb[] {
  const home = { label: frame.placeName, href: frame.paths.home }
  return [home, ...trail]
}

/** More than these are counted and not listed. */
const RUNNING_SHOWN = 5
const RUNNING_COUNTED_MAX = 100
const RECENT_SHOWN = 3

export async function loadRunningJobs(c: HttpContext, caller: Caller): Promise<RunningJobs> {
  if (!can(caller, 'job.read'))
    return { running: [], runningCount: 0, recent: [], mayCancel: false }
  const { house } = c.var
  const [running, recent] = await Promise.all([
    listJobs(house, caller, { states: RUNNING_STATES, limit: RUNNING_COUNTED_MAX }),
    listJobs(house, caller, { states: ENDED_STATES, limit: RECENT_SHOWN }),
  ])
  return {
    running: running.toReversed().slice(0, RUNNING_SHOWN),
    runningCount: running.length,
    recent,
    mayCancel: can(caller, 'job.cancel'),
  }
}

function linkOf({ slug, name }: WorkspaceLink): WorkspaceLink {
  return { slug, name }
}

// Said once: the next page does not repeat it.
function takeNotice(session: Session): string | null {
  const { notice } = session
  session.notice = null
  return notice
}
