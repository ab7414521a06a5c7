// The text of a rule and what it becomes at each kind of target: the query with its warnings, or why
// there is none.

import type { KindRow, Kind } from '#domain/rules/renders/kinds.ts'
import type { RenderedBody } from '#domain/rules/renders/body.ts'
import type { KindOffer } from '#domain/rules/offers/offer.ts'
import type { StoredRender } from '#domain/rules/renders/render.ts'
import { Badge } from '#views/parts/badge.tsx'
import { Button } from '#views/parts/button.tsx'
import { Icon } from '#views/parts/icon.tsx'
import { Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign, NumberedCode } from '#views/parts/text.tsx'
import { Problems } from './problems.tsx'
import { RuleHead, type RuleHeadProps } from './rule-head.tsx'
import { SigmaOffers } from './sigma-offers.tsx'

export interface QueryPageProps extends RuleHeadProps {
  readonly text: string
  readonly renders: readonly StoredRender[]
  readonly offers: readonly KindOffer[]
  readonly kinds: Readonly<Record<Kind, KindRow>>
}

export const QueryPage = (props: QueryPageProps) => {
  const { renders, kinds, path, may, text } = props
  const isPending = renders.some((one) => one.isPending)
  return (
    <>
      <RuleHead
        {...props}
        actions={
          may.write &&
          isPending && (
            <form method="post" action={`${path}/renders`} class="inline">
              <Button>Compile again</Button>
            </form>
          )
        }
      />
      <div class="halves halves-wide">
        <Panel title="Rule file" id="file" sub={`version ${props.rule.version}`}>
          <NumberedCode label="Text of the rule file" text={text} />
        </Panel>
        <div class="stack">
          <SigmaOffers offers={props.offers} kinds={kinds} path={path} mayWrite={may.write} />
          {renders.map((render) => (
            <Rendered render={render} label={labelOf(render, kinds)} />
          ))}
        </div>
      </div>
    </>
  )
}

/** A target that calls things otherwise has a rendering of its own. */
function labelOf({ kind, target }: StoredRender, kinds: QueryPageProps['kinds']): string {
  const { label } = kinds[kind]
  return target === null ? label : `${label}: ${target}`
}

const Rendered = ({ render, label }: { render: StoredRender; label: string }) => (
  <Panel
    title={label}
    id={`kind-${render.kind}${render.target === null ? '' : `-${render.target}`}`}
    action={
      render.isPending ? (
        <Badge tone="warn">Made from something older</Badge>
      ) : render.state === 'ok' ? (
        <Badge tone={isWritten(render) ? 'ok' : 'warn'}>
          {isWritten(render) ? 'Compiles' : 'Compiles, cannot be written'}
        </Badge>
      ) : (
        <Badge tone="unknown">Refused</Badge>
      )
    }
  >
    {render.problems.length > 0 && <Problems problems={render.problems} />}
    {render.queries.map((query, at) => (
      <NumberedCode
        label={`Query for ${label}${render.queries.length > 1 ? `, ${at + 1}` : ''}`}
        text={query}
        isWrapped
      />
    ))}
    {render.state === 'ok' && render.queries.length === 0 && (
      <PanelBody>
        <p class="muted">Runs as it is written, on events that Rulewright holds itself.</p>
      </PanelBody>
    )}
    {render.bodies.map((body) => (
      <WriteBody body={body} label={label} />
    ))}
  </Panel>
)

function isWritten({ bodies }: StoredRender): boolean {
  return bodies.every(({ body }) => body !== null)
}

/** What would be written, folded: the whole of it is long. */
const WriteBody = ({ body, label }: { body: RenderedBody; label: string }) => {
  const place = body.overlay ?? label
  return (
    <>
      {body.problems.length > 0 && <Problems problems={body.problems} />}
      <PanelBody>
        {body.body === null ? (
          <p class="muted">
            Cannot be written at <Foreign text={place} /> as it is.
          </p>
        ) : (
          <details>
            <summary>
              <Icon name="chevron-down" size="s" /> Written at <Foreign text={place} />{' '}
              <span class="mono muted small">{body.bodyHash?.slice(0, 12)}</span>
            </summary>
            <NumberedCode
              label={`What is written at ${place}`}
              text={JSON.stringify(body.body, null, 2)}
              isWrapped
            />
          </details>
        )}
      </PanelBody>
    </>
  )
}
