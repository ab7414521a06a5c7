// The worker for rule files: whoever has thousands of them shares them among these threads.

import { readAttackFile, readAttackFileHere } from '#domain/instance/attack-task.ts'
import {
  describeTexts,
  describeTextsHere,
  mergeTexts,
  mergeTextsHere,
  placeTexts,
  placeTextsHere,
} from '#domain/rules/merge/compare-task.ts'
import { convertRuleShare, convertRuleShareHere } from '#domain/rules/renders/convert-share-task.ts'
import { convertRules, convertRulesHere } from '#domain/rules/renders/convert-task.ts'
import {
  judgeExclusions,
  judgeExclusionsHere,
  readExclusions,
  readExclusionsHere,
} from '#domain/rules/exclusions/task.ts'
import { examineRules, examineRulesHere } from '#domain/rules/examine-task.ts'
import { explainTexts, explainTextsHere } from '#domain/rules/explain-task.ts'
import { generateTestCases, generateTestCasesHere } from '#domain/rules/testing/generate-task.ts'
import { matchBlock, matchBlockHere } from '#domain/rules/match-block-task.ts'
import { matchRules, matchRulesHere } from '#domain/rules/match-task.ts'
import { readRules, readRulesHere } from '#domain/rules/read-task.ts'
import { previewMapping, previewMappingHere } from '#domain/rules/mappings/preview-task.ts'
import {
  placeUses,
  placeUsesHere,
  readUses,
  readUsesHere,
} from '#domain/rules/mappings/survey-task.ts'
import { renderRules, renderRulesHere } from '#domain/rules/renders/task.ts'
import { splitFiles, splitFilesHere } from '#domain/rules/imports/split-task.ts'
import { testRules, testRulesHere } from '#domain/rules/testing/task.ts'
import { answerTasks, handle } from '#platform/worker-thread.ts'

answerTasks([
  handle(examineRules, examineRulesHere),
  handle(explainTexts, explainTextsHere),
  handle(readRules, readRulesHere),
  handle(renderRules, renderRulesHere),
  handle(readUses, readUsesHere),
  handle(placeUses, placeUsesHere),
  handle(previewMapping, previewMappingHere),
  handle(convertRules, convertRulesHere),
  handle(convertRuleShare, convertRuleShareHere),
  handle(describeTexts, describeTextsHere),
  handle(placeTexts, placeTextsHere),
  handle(mergeTexts, mergeTextsHere),
  handle(matchRules, matchRulesHere),
  handle(matchBlock, matchBlockHere),
  handle(splitFiles, splitFilesHere),
  handle(readExclusions, readExclusionsHere),
  handle(judgeExclusions, judgeExclusionsHere),
  handle(testRules, testRulesHere),
  handle(generateTestCases, generateTestCasesHere),
  handle(readAttackFile, readAttackFileHere),
])
