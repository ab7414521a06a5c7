// One reference list: its values, what names it, and every set of values it had.

import type { ListShown } from '#domain/rules/lists/actions.ts'
import type { ListVersion } from '#domain/rules/lists/list.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Badge } from '#views/parts/badge.tsx'
import { LinkButton } from '#views/parts/button.tsx'
import { Confirm } from '#views/parts/dialog.tsx'
import { clip, count } from '#views/parts/format.ts'
import { Facts, Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { ExactTime, Foreign, NumberedCode, Time } from '#views/parts/text.tsx'

export interface ListPageProps {
  /** `/w/acme/lists/lst_…`. */
  readonly path: string
  /** `/w/acme`. */
  readonly place: string
  readonly one: ListShown
  /** Newest first. */
  readonly versions: readonly ListVersion[]
  readonly names: ReadonlyMap<Actor, string>
  readonly mayWrite: boolean
}

export const ListPage = (props: ListPageProps) => {
  const { one, path, mayWrite } = props
  const isUsed = one.rules.length + one.exclusions.length > 0
  return (
    <>
      <Head
        title={one.name}
        badge={one.isOverdue && <Badge tone="warn">to be looked at again</Badge>}
        actions={
          mayWrite && (
            <>
              {!isUsed && <Remove {...props} />}
              <LinkButton kind="primary" href={`${path}/edit`} data-keys="e">
                Edit
              </LinkButton>
            </>
          )
        }
        meta={[
          <Foreign text={`Owner ${one.owner}`} />,
          <>
            Version {one.version}, changed <Time at={one.updatedAt} />
          </>,
        ]}
      />
      <div class="stack">
        <div class="halves halves-wide">
          <Panel title={count(one.values.length, 'value')} id="values">
            <NumberedCode label="Values of the list" text={one.values.join('\n')} isWrapped />
          </Panel>
          <div class="stack">
            <Panel title="Facts" id="facts">
              <PanelBody>
                {one.about !== '' && (
                  <p class="prose break" dir="auto">
                    {one.about}
                  </p>
                )}
                <Facts
                  facts={[
                    ['Rules write', <code class="break">{`Field|expand: '%${one.name}%'`}</code>],
                    ['Values are', SHAPE_WORDS[one.shape]],
                    ['At most', count(one.valuesMax, 'value')],
                    ['Look at it again', <ExactTime at={one.reviewBy} />],
                  ]}
                />
              </PanelBody>
            </Panel>
            <Panel title="Named by" id="use">
              <PanelBody>
                {isUsed ? (
                  <UseOf {...props} />
                ) : (
                  <p class="muted">No rule and no exclusion names it.</p>
                )}
              </PanelBody>
            </Panel>
          </div>
        </div>
        <Versions {...props} />
      </div>
    </>
  )
}

const SHAPE_WORDS = {
  text: 'text, as it is',
  number: 'numbers',
  address: 'IP addresses',
  network: 'networks',
} as const

const UseOf = ({ one, place }: ListPageProps) => (
  <>
    {one.rules.map(({ id, title }) => (
      <div class="break">
        <a href={`${place}/rules/${id}`}>
          <Foreign text={clip(title, 200)} />
        </a>
      </div>
    ))}
    {one.exclusions.map(({ id, title }) => (
      <div class="break">
        <span class="muted">Exclusion</span>{' '}
        <a href={`${place}/exclusions/${id}`}>
          <Foreign text={clip(title, 200)} />
        </a>
      </div>
    ))}
    <p class="muted small">
      A change of its values is compiled into them at once, and runs on targets when a change ships
      it.
    </p>
  </>
)

const Remove = ({ one, path }: ListPageProps) => (
  <Confirm
    id="remove"
    opener="Remove"
    question={`Remove ${one.name}?`}
    consequence="Its values and all their versions go. Nothing names it."
    keep="Keep it"
    verb="Remove it"
    path={`${path}/remove`}
    fields={{ version: String(one.version) }}
  />
)

const Versions = ({ versions, names }: ListPageProps) => (
  <Panel title="Versions" id="versions">
    <ol class="rows">
      {versions.map(({ number, why, createdBy, createdAt, values }, at) => (
        <li>
          <span class="mono">v{number}</span>
          <span class="grow break">
            {why === '' ? (
              <span class="muted">{number === 1 ? 'Added' : 'No reason given'}</span>
            ) : (
              <Foreign text={why} />
            )}
            <Difference values={values} before={versions[at + 1]?.values ?? []} />
          </span>
          <span class="muted small">
            <bdi>{describeActor(createdBy, names)}</bdi> <ExactTime at={createdAt} />
          </span>
        </li>
      ))}
    </ol>
  </Panel>
)

const SHOWN_MAX = 20

const Difference = (props: { values: readonly string[]; before: readonly string[] }) => {
  const [was, is] = [new Set(props.before), new Set(props.values)]
  const added = props.values.filter((one) => !was.has(one))
  const removed = props.before.filter((one) => !is.has(one))
  return (
    <span class="small">
      <Some sign="+" values={added} />
      <Some sign="−" values={removed} />
    </span>
  )
}

const Some = (props: { sign: string; values: readonly string[] }) =>
  props.values.length > 0 && (
    <span class="mono break">
      {' '}
      {props.values.slice(0, SHOWN_MAX).map((one) => (
        <>
          {props.sign}
          <Foreign text={clip(one, 80)} />{' '}
        </>
      ))}
      {props.values.length > SHOWN_MAX && `and ${props.values.length - SHOWN_MAX} more`}
    </span>
  )
