// Why each page exists: route → the heading of `docs/pages.md` that says it, what its words mean and
// what to do there. A test holds it against the routes and the headings; null is what answers with no
// page of its own (a file, a part of a page, a stream, a way on) and the documentation itself.

import { assert } from '#kernel/error.ts'

const IN_WORKSPACE: Readonly<Record<string, string | null>> = {
  '': 'overview',
  '/as-of': 'as-of',
  '/as-of/bundle': null,
  '/attack': 'mitre-att-ck',
  '/audit': 'audit-log',
  '/audit/:seq': 'an-entry-of-the-audit-log',
  '/changes': 'changes',
  '/changes/new': 'a-new-change',
  '/changes/:id': 'a-change',
  '/changes/:id/breakglass': 'breaking-the-glass',
  '/changes/:id/edit': 'a-new-change',
  '/changes/:id/items/:n': 'an-item-of-a-change',
  '/changes/:id/plan': 'a-plan',
  '/changes/:id/signatures/challenge': null,
  '/coverage': 'coverage',
  '/coverage/layer': null,
  '/deployments': 'deployments',
  '/deployments/:id': 'a-deployment',
  '/deployments/:id/items/:n': 'an-item-of-a-deployment',
  '/drift': 'drift',
  '/drift/:id': 'a-finding-of-drift',
  '/events': 'sandbox',
  '/exclusions': 'exclusions',
  '/exclusions/new': 'writing-an-exclusion',
  '/exclusions/:id': 'an-exclusion',
  '/exclusions/:id/edit': 'writing-an-exclusion',
  '/find': 'search-and-commands',
  '/forecasts': 'forecasts',
  '/forecasts/new': 'forecasts',
  '/forecasts/:id': 'a-forecast',
  '/groups': 'groups',
  '/groups/:id': 'a-group',
  '/health': 'health',
  '/health/budgets': 'noise-budgets',
  '/hotfixes': 'hotfixes',
  '/hotfixes/new': 'a-new-hotfix',
  '/hotfixes/:id': 'a-hotfix',
  '/jobs': 'jobs',
  '/jobs/panel': null,
  '/jobs/:id': 'a-job',
  '/lists': 'reference-lists',
  '/lists/new': 'writing-a-list',
  '/lists/:id': 'a-list',
  '/lists/:id/edit': 'writing-a-list',
  '/mappings': 'mappings-of-all-targets',
  '/rules': 'rules',
  '/rules/bulk': 'many-rules-at-once',
  '/rules/bulk/:id': 'many-rules-at-once',
  '/rules/export': null,
  '/rules/imports': 'imports',
  '/rules/imports/:id': 'an-import',
  '/rules/imports/:id/items/:position': 'a-document-of-an-import',
  '/rules/layer': null,
  '/rules/new': 'the-editor',
  '/rules/new/from': 'a-new-rule',
  '/rules/views': 'your-views',
  '/rules/words': null,
  '/rules/:id': 'a-rule',
  '/rules/:id/deployed': 'a-rule-deployed',
  '/rules/:id/edit': 'the-editor',
  '/rules/:id/health': 'a-rule-health',
  '/rules/:id/query': 'a-rule-query',
  '/rules/:id/tests': 'a-rule-tests',
  '/rules/:id/tests/generated': 'generated-cases',
  '/rules/:id/tests/junit': null,
  '/rules/:id/triage': 'triage',
  '/rules/:id/versions': 'a-rule-versions',
  '/rules/:id/versions/:version': 'a-rule-versions',
  '/searches': 'searches',
  '/searches/new': 'a-new-search',
  '/searches/saved': 'saved-searches',
  '/searches/saved/:id': 'saved-searches',
  '/searches/:id': 'a-search',
  '/searches/:id/rows.csv': null,
  '/searches/:id/rows.ndjson': null,
  '/searches/:id/save': 'saved-searches',
  '/settings': 'policies',
  '/settings/members': 'members',
  '/settings/members/:id': 'a-member',
  '/settings/single-sign-on': 'identity-providers',
  '/settings/single-sign-on/new': 'an-identity-provider',
  '/settings/single-sign-on/new/saml': 'a-provider-by-saml',
  '/settings/single-sign-on/:id': 'an-identity-provider',
  '/settings/single-sign-on/:id/directory': 'a-directory',
  '/settings/single-sign-on/:id/directory/groups': 'a-directory',
  '/settings/single-sign-on/:id/directory/people': 'a-directory',
  '/settings/single-sign-on/:id/saml': 'a-provider-by-saml',
  '/settings/single-sign-on/:id/test': 'the-test-of-a-provider',
  '/settings/single-sign-on/:id/test/begin': null,
  '/settings/tokens': 'tokens',
  '/signals': null,
  '/silenced': 'silenced',
  '/targets': 'targets',
  '/targets/new': 'a-new-target',
  '/targets/:id': 'a-target',
  '/targets/:id/credentials': 'credentials-of-a-target',
  '/targets/:id/mapping': 'the-mapping-of-a-target',
  '/targets/:id/mapping/field': 'the-mapping-of-a-target',
  '/targets/:id/mapping/file': null,
  '/targets/:id/mapping/preview': 'which-rules-a-mapping-changes',
  '/targets/:id/mapping/source': 'the-mapping-of-a-target',
  '/targets/:id/mapping/suggestions': 'suggestions-for-a-mapping',
  '/targets/:id/mapping/versions': 'the-mapping-of-a-target',
  '/targets/:id/privileges': 'privileges-on-a-target',
  '/targets/:id/rules': 'the-rules-on-a-target',
  '/targets/:id/rules/adopt': 'adopting-and-letting-go',
  '/targets/:id/rules/dependencies': 'what-rules-build-on',
  '/targets/:id/rules/release': 'adopting-and-letting-go',
  '/targets/:id/rules/:observed': 'a-rule-on-a-target',
  '/targets/:id/schema': 'the-schema-of-a-target',
  '/targets/:id/settings': 'settings-of-a-target',
  '/upstreams': 'upstreams',
  '/upstreams/:id': 'an-upstream',
  '/upstreams/:id/plan/:position': 'an-upstream',
}

const OF_INSTANCE: Readonly<Record<string, string | null>> = {
  '': 'the-instance',
  '/audit': 'audit-log',
  '/audit/:seq': 'an-entry-of-the-audit-log',
  '/find': 'search-and-commands',
  '/jobs': 'jobs',
  '/jobs/panel': null,
  '/jobs/:id': 'a-job',
  '/people': 'people',
  '/people/:id': 'a-person',
  '/people/:id/export': null,
  '/signals': null,
  '/workspaces': 'workspaces',
}

const OF_A_PERSON: Readonly<Record<string, string | null>> = {
  '/account': 'your-account',
  '/account/appearance': 'appearance',
  '/account/connections': 'your-single-sign-on',
  '/account/connections/:id/begin': null,
  '/account/email': 'your-account',
  '/account/email/:token': 'your-account',
  '/account/events': 'security-events',
  '/account/prove': 'proving-who-you-are',
  '/account/prove/passkey': null,
  '/account/prove/with/:id': null,
  '/account/security': 'signing-in-passwords-and-factors',
  '/account/security/passkeys': 'signing-in-passwords-and-factors',
  '/account/security/passkeys/options': null,
  '/account/security/totp': 'signing-in-passwords-and-factors',
  '/account/sessions': 'sessions-and-devices',
  '/r/:id': null,
}

const OF_STRANGERS: Readonly<Record<string, string | null>> = {
  '/': 'the-start-page',
  '/.well-known/security.txt': null,
  '/api': null,
  '/api/:noun': null,
  '/claim/:token': 'claiming-an-install',
  '/demo/:token': null,
  '/docs': null,
  '/docs/find': null,
  '/docs/:page': null,
  '/healthz': null,
  '/invite/:token': 'an-invitation',
  '/readyz': null,
  '/reset': 'a-new-password',
  '/reset/:token': 'a-new-password',
  '/sign-in': 'the-sign-in-page',
  '/sign-in/passkey': null,
  '/sign-in/second': 'the-second-step',
  '/sign-in/with/:id': null,
  '/sign-in/with/:id/callback': 'the-sign-in-page',
  '/sign-in/with/:id/logout': null,
  '/sign-in/with/:id/metadata': null,
  '/static/:file': null,
}

const under = (place: string, whys: Readonly<Record<string, string | null>>) =>
  Object.entries(whys).map(([path, heading]) => [place + path, heading] as const)

/** By the route's own pattern. */
export const WHYS: ReadonlyMap<string, string | null> = new Map([
  ...under('/w/:slug', IN_WORKSPACE),
  ...under('/instance', OF_INSTANCE),
  ...under('', OF_A_PERSON),
  ...under('', OF_STRANGERS),
])

/**
 * Where the documentation says why the page of this route exists. A form that shows its page again, with
 * what was wrong, is about the page it stands on.
 */
export function whyOf(pattern: string | undefined): string | null {
  const parts = (pattern ?? '').split('/')
  for (let count = parts.length; count > 1; count--) {
    const heading = WHYS.get(parts.slice(0, count).join('/'))
    if (heading !== undefined) return heading === null ? null : `/docs/pages#${heading}`
  }
  return null
}

/** The same for an address that a browser shows; of several patterns that fit, the one that says most. */
export function whyOfPath(path: string): string | null {
  const parts = path.split('/')
  const fitting = [...WHYS.keys()].filter((pattern) => fits(pattern.split('/'), parts))
  const [best] = fitting.toSorted((a, b) => placesOf(a) - placesOf(b))
  return whyOf(best)
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  assert(pattern[0] === '', 'a pattern begins with a slash')
  return (
    pattern.length === parts.length &&
    pattern.every((part, at) => (part.startsWith(':') ? parts[at] !== '' : part === parts[at]))
  )
}

const placesOf = (pattern: string): number => pattern.split(':').length
