// A broken document of an import: its text, what is wrong with it, and a way to mend it here.

import type { ItemWithText } from '#domain/rules/imports/mend.ts'
import { useAnswer } from '#views/parts/answer.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Field, TextArea } from '#views/parts/field.tsx'
import { count } from '#views/parts/format.ts'
import { Notice } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Problems } from './problems.tsx'

export interface ImportItemPageProps extends ItemWithText {
  /** Where the form goes, and the import. */
  readonly action: string
  readonly back: string
  /** Where the words are that the editor offers. */
  readonly words: string
  readonly isRefused: boolean
}

/** A heading; the whole of it stands in the text. */
const TITLE_CHARS = 120

export const ImportItemPage = (props: ImportItemPageProps) => {
  const { asset } = useAnswer()
  const { problems, finding } = props
  return (
    <>
      <Head
        title={(props.title ?? props.path).slice(0, TITLE_CHARS)}
        meta={[<bdi class="mono">{props.path}</bdi>]}
      />
      <form method="post" action={props.action} enctype="multipart/form-data" class="stack">
        {props.isRefused && (
          <Notice tone="bad" title="It is still broken.">
            {problems[0]?.message}
          </Notice>
        )}
        <div class="halves halves-wide">
          <Panel title="Document" id="document">
            <PanelBody>
              <Field name="text" label="Text" hint="Mended here, it is imported with the rest.">
                {(attributes) => (
                  <TextArea
                    {...attributes}
                    class="input mono editor-text"
                    value={props.text}
                    rows={24}
                    spellcheck="false"
                    autocapitalize="off"
                    wrap="off"
                    data-editor={asset('editor.js')}
                    data-words={props.words}
                  />
                )}
              </Field>
              <div class="row">
                <Button kind="primary" disabled={finding !== 'broken'}>
                  Try again
                </Button>
                <LinkButton href={props.back} kind="quiet">
                  Back to the import
                </LinkButton>
              </div>
            </PanelBody>
          </Panel>
          <Panel title="Problems" id="problems" sub={count(problems.length, 'problem')}>
            <PanelBody>
              <Problems problems={problems} />
            </PanelBody>
          </Panel>
        </div>
      </form>
    </>
  )
}
