// What needs a person: groups in their order, each line with what it is, since when, and one way on.

import type { Need, NeedGroup, NeedKind } from '#domain/health/needs.ts'
import { Count } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { clip, formatNumber } from '#views/parts/format.ts'
import { Foreign, Time, Unknown } from '#views/parts/text.tsx'

interface Words {
  readonly title: string
  /** What one does about a line. */
  readonly act: string
  /** Under the workspace. */
  readonly list: string
  readonly place: (need: Need) => string
}

const rule = ({ id }: Need) => `/rules/${id}/health`

/** By whose it is: a provider's, or it stands among the tokens. */
function renewedAt({ id }: Need): string {
  return id.startsWith('idp_') ? `/settings/single-sign-on/${id}` : '/settings/tokens'
}

const WORDS: Readonly<Record<NeedKind, Words>> = {
  sign: {
    title: 'Changes that wait for your signature',
    act: 'Review',
    list: '/changes?view=waiting',
    place: ({ id }) => `/changes/${id}`,
  },
  deploy: {
    title: 'Approved and not deployed',
    act: 'Deploy',
    list: '/changes?state=approved',
    place: ({ id }) => `/changes/${id}`,
  },
  settle: {
    title: 'Nobody knows whether it was written',
    act: 'Decide',
    list: '/deployments',
    place: ({ id, number }) => `/deployments/${id}/items/${number}`,
  },
  drift: {
    title: 'Drift',
    act: 'Resolve',
    list: '/drift',
    place: ({ id }) => `/drift/${id}`,
  },
  silently_broken: {
    title: 'Rules that are silently broken',
    act: 'See why',
    list: '/health?state=silently_broken',
    place: rule,
  },
  failing: {
    title: 'Rules that fail',
    act: 'See why',
    list: '/health?state=failing',
    place: rule,
  },
  dead: {
    title: 'Rules that never fire',
    act: 'See why',
    list: '/health?state=dead',
    place: rule,
  },
  target: {
    title: 'Targets that are not well',
    act: 'See why',
    list: '/targets',
    place: ({ id }) => `/targets/${id}`,
  },
  ending: {
    title: 'Secrets, certificates and tokens that end within 30 days',
    act: 'Renew',
    list: '/settings/tokens', // where everybody may look
    place: renewedAt,
  },
  budget: {
    title: 'Noise budgets that are overrun',
    act: 'Open',
    list: '/health/budgets',
    // What was proposed for it, where something was.
    place: ({ id }) => (id.startsWith('chg_') ? `/changes/${id}` : '/health/budgets'),
  },
  overdue: {
    title: 'Exclusions that are over, and still run',
    act: 'Open the rule',
    list: '/silenced?kind=exclusion',
    place: rule,
  },
  exclusion: {
    title: 'Exclusions that end within a week',
    act: 'Open',
    list: '/exclusions',
    place: ({ id }) => `/exclusions/${id}`,
  },
  hotfix: {
    title: 'Not signed: hotfixes and broken glass',
    act: 'Look at it',
    list: '/hotfixes',
    place: ({ id }) => `/hotfixes/${id}`,
  },
  upstream: {
    title: 'Bundles that wait for decisions',
    act: 'Decide',
    list: '/upstreams',
    place: ({ id }) => `/upstreams/${id}`,
  },
}

/** `path` is that of the workspace. */
export const Needs = ({ groups, path }: { groups: readonly NeedGroup[]; path: string }) =>
  groups.length === 0 ? (
    <section class="panel" aria-label="What needs you">
      <div class="panel-head">
        <h2>Nothing needs you</h2>
        <span class="sub">
          Changes to sign, drift, broken rules, targets that are away: they come here.
        </span>
      </div>
    </section>
  ) : (
    <section class="panel" aria-label="What needs you">
      {groups.map((group) => (
        <Group group={group} path={path} />
      ))}
    </section>
  )

const Group = ({ group: { kind, items, count }, path }: { group: NeedGroup; path: string }) => {
  const words = WORDS[kind]
  const more = count - items.length
  return (
    <>
      <div class="panel-head">
        <h2 id={`needs-${kind}`}>{words.title}</h2>
        <Count value={count} label="in all" acts />
        {more > 0 && (
          <a class="push" href={path + words.list}>
            {formatNumber(more)} more<span class="vh"> of {words.title}</span>
          </a>
        )}
      </div>
      <ol class="rows" aria-labelledby={`needs-${kind}`}>
        {items.map((need) => (
          <Line need={need} words={words} path={path} />
        ))}
      </ol>
    </>
  )
}

const Line = ({ need, words, path }: { need: Need; words: Words; path: string }) => (
  <li>
    <span class="grow break">
      <Foreign text={clip(need.title, 160)} />
      {need.note !== '' && (
        <>
          <br />
          <span class="muted small" dir="auto">
            {clip(need.note, 240)}
          </span>
        </>
      )}
    </span>
    <span class="muted small">
      <When need={need} />
    </span>
    <LinkButton size="s" href={path + words.place(need)}>
      {words.act}
      <span class="vh">: {clip(need.title, 80)}</span>
    </LinkButton>
  </li>
)

const When = ({ need: { since, endsAt } }: { need: Need }) => {
  if (endsAt !== null) {
    return (
      <>
        ends <Time at={endsAt} />
      </>
    )
  }
  return since === null ? <Unknown>since unknown</Unknown> : <Time at={since} />
}
