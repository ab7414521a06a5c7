// Search and commands: what the palette shows while one types, and a page of its own without script.
// Finds what this caller may reach; every word of the query stands somewhere in the label or note.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { RuleListQuery } from '#domain/rules/input.ts'
import { listRules } from '#domain/rules/reading.ts'
import { clip } from '#views/parts/format.ts'
import { WHY_KEY } from '#views/shell/keys.tsx'
import { FindPage, FindResults, type FindResult } from '#views/shell/palette.tsx'
import { embedded } from '#platform/embedded.ts'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { navOf, placeOf } from '#http/frame.ts'
import { readQuery } from '#http/input.ts'
import { fragment, page, wantsOnly } from '#http/respond.tsx'
import { pageRoute, type Route } from '#http/routes.ts'
import { whyOfPath } from '#http/whys.ts'
import { docsSearch } from './docs-routes.ts'

const RESULTS_MAX = 30

const Query = z.object({ q: z.string().max(200).default('') })

export function findRoutes(): readonly Route[] {
  return ['/w/:slug', '/instance'].map((place) =>
    pageRoute('GET', `${place}/find`, 'signed-in', showFind),
  )
}

async function showFind(c: HttpContext): Promise<Response> {
  const { q } = readQuery(c, Query)
  const found = matching(q, reachable(c))
  const text = q.trim()
  const objects = await Promise.all([
    rulesFor(c, text),
    changesFor(c, text),
    deploymentsFor(c, text),
    docsFor(text),
  ])
  const results = [...found, ...objects.flat()].slice(0, RESULTS_MAX)
  if (wantsOnly(c, 'palette-results')) return fragment(c, <FindResults q={q} results={results} />)
  const path = `${placeOf(c)}/find`
  return page(c, { title: 'Search' }, <FindPage path={path} q={q} results={results} />)
}

function reachable(c: HttpContext): readonly FindResult[] {
  const session = c.var.session!
  const place = placeOf(c)
  const pages = navOf(c, callerOf(c), session).flat()
  return [
    ...pages.map(({ href, label, icon, keys }) => ({ group: 'Pages', href, label, icon, keys })),
    { group: 'Pages', href: `${place}/jobs`, label: 'Jobs', icon: 'list-checks' } as const,
    ...whyFor(c),
    ...session.person.memberships
      .filter(({ slug }) => `/w/${slug}` !== place)
      .map(({ slug, name }) => ({
        group: 'Workspaces',
        href: `/w/${slug}`,
        label: name,
        icon: 'arrow-right' as const,
      })),
    ...actsOf(c),
    { group: 'Actions', href: '/sign-out', label: 'Sign out', icon: 'log-out', isAct: true },
  ]
}

const TITLE_SHOWN = 200
const RULES_SHOWN = 8
const CHANGES_SHOWN = 5
const DOCS_SHOWN = 4
/** One letter is in every title. */
const LETTERS_MIN = 2

async function rulesFor(c: HttpContext, q: string): Promise<readonly FindResult[]> {
  const caller = callerOf(c)
  const isHere = c.req.param('slug') !== undefined && can(caller, 'rule.read')
  if (!isHere || q.length < LETTERS_MIN) return []
  const { sort } = RuleListQuery.parse({})
  const wanted = { filter: { q }, sort, limit: RULES_SHOWN, cursor: undefined }
  const { items } = await listRules(c.var.house, caller, wanted)
  return items.map(({ id, title, level }) => ({
    group: 'Rules',
    href: `${placeOf(c)}/rules/${id}`,
    label: clip(title, TITLE_SHOWN),
    ...(level === null ? {} : { note: level }),
    icon: 'scroll-text',
  }))
}

async function changesFor(c: HttpContext, q: string): Promise<readonly FindResult[]> {
  const { house } = c.var
  const caller = callerOf(c)
  const isHere = c.req.param('slug') !== undefined && can(caller, 'change.read')
  if (!isHere || q.length < LETTERS_MIN) return []
  const { findChanges } = await import('#domain/changes/finding.ts')
  return (await findChanges(house, caller, q, CHANGES_SHOWN)).map(({ id, title, state }) => ({
    group: 'Changes',
    href: `${placeOf(c)}/changes/${id}`,
    label: clip(title, TITLE_SHOWN),
    note: state.replaceAll('_', ' '),
    icon: 'git-pull-request',
  }))
}

async function deploymentsFor(c: HttpContext, q: string): Promise<readonly FindResult[]> {
  const { house } = c.var
  const caller = callerOf(c)
  const isHere = c.req.param('slug') !== undefined && can(caller, 'deployment.read')
  if (!isHere || q.length < LETTERS_MIN) return []
  const { findDeployments } = await import('#domain/deployments/finding.ts')
  const found = await findDeployments(house, caller, q, CHANGES_SHOWN)
  return found.map(({ id, changeTitle, state }) => ({
    group: 'Deployments',
    href: `${placeOf(c)}/deployments/${id}`,
    label: clip(changeTitle, TITLE_SHOWN),
    note: state.replaceAll('_', ' '),
    icon: 'rocket',
  }))
}

async function docsFor(q: string): Promise<readonly FindResult[]> {
  if (q.length < LETTERS_MIN) return []
  const { hits } = (await docsSearch(embedded)).find(q)
  return hits.slice(0, DOCS_SHOWN).map(({ href, title, heading }) => ({
    group: 'Documentation',
    href,
    label: heading === '' ? title : `${title}: ${heading}`,
    icon: 'info',
  }))
}

/** Why the page exists over which the palette stands. */
function whyFor(c: HttpContext): readonly FindResult[] {
  const at = c.req.header('HX-Current-URL')
  const href = at !== undefined && URL.canParse(at) ? whyOfPath(new URL(at).pathname) : null
  if (href === null) return []
  return [{ group: 'Pages', href, label: 'Why this page', icon: 'info', keys: WHY_KEY }]
}

const ACTS = [
  ['backup.create', '/instance/backups', 'Back up the instance now', 'archive'],
  ['audit.verify', '/instance/audit/checks', 'Verify the whole audit log', 'shield-check'],
] as const

function actsOf(c: HttpContext): readonly FindResult[] {
  return ACTS.filter(([verb]) => can(callerOf(c), verb)).map(([, href, label, icon]) => ({
    group: 'Actions',
    href,
    label,
    icon,
    isAct: true,
  }))
}

function matching(q: string, results: readonly FindResult[]): readonly FindResult[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean)
  return results.filter(({ label, note = '', group }) => {
    const text = `${label} ${note} ${group}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
