// The words of a change, asked for where it is opened and where it is edited.

import { Field, TextArea, type FieldProblems } from '#views/parts/field.tsx'

export const WhatAndWhy = (props: {
  given: { readonly title: string; readonly why: string }
  problems: FieldProblems
}) => (
  <>
    <Field name="title" label="Title" problems={props.problems}>
      {(attributes) => (
        <input
          {...attributes}
          type="text"
          maxlength={200}
          required
          value={props.given.title}
          autocomplete="off"
          dir="auto"
        />
      )}
    </Field>
    <Field name="why" label="Why" hint="Whoever signs reads this first." problems={props.problems}>
      {(attributes) => (
        <TextArea {...attributes} rows={4} maxlength={10_000} value={props.given.why} dir="auto" />
      )}
    </Field>
  </>
)
