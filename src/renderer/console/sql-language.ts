/**
 * Postgres's SQL for the editor: what is a comment, a string, a quoted name or a keyword, and how brackets and
 * comments behave. After the lexical rules of PostgreSQL 18 (documentation, section 4.1), dollar quotes and nested
 * comments included. Colours are the theme's.
 */

import type { languages } from 'monaco-editor/editor'
import { sqlKeywords, sqlTypes } from './sql-keywords.ts'

export const sqlLanguageId = 'wardian-sql'

export const sqlConfiguration: languages.LanguageConfiguration = {
  comments: { lineComment: '--', blockComment: ['/*', '*/'] },
  brackets: [
    ['(', ')'],
    ['[', ']'],
  ],
  autoClosingPairs: [
    { open: '(', close: ')' },
    { open: '[', close: ']' },
    { open: "'", close: "'", notIn: ['string', 'comment'] },
    { open: '"', close: '"', notIn: ['string', 'comment'] },
  ],
  surroundingPairs: [
    { open: '(', close: ')' },
    { open: '[', close: ']' },
    { open: "'", close: "'" },
    { open: '"', close: '"' },
  ],
  wordPattern: /[\p{L}_][\p{L}\p{N}_$]*|\d+(?:\.\d+)?/u,
  indentationRules: {
    increaseIndentPattern: /\($/,
    decreaseIndentPattern: /^\s*\)/,
  },
}

export const sqlTokens: languages.IMonarchLanguage = {
  ignoreCase: true,
  unicode: true,
  defaultToken: '',
  keywords: [...sqlKeywords],
  typeNames: [...sqlTypes],
  tokenizer: {
    root: [
      [/\s+/, ''],
      [/--.*$/, 'comment'],
      [/\/\*/, 'comment', '@comment'],
      // The body of a function, or of DO, is code.
      [
        /\b(as|do)(\s+)(\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)/u,
        ['keyword', '', { token: 'string.quote', next: '@body.$3' }],
      ],
      // A dollar quote's tag is kept in the state, so that only the same tag ends it.
      [/\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u, { token: 'string.quote', next: '@dollar.$0' }],
      [/\$\d+/, 'variable'],
      [/[eE]'/, { token: 'string', next: '@escaped' }],
      [/(?:[bBxXnN]|[uU]&)?'/, { token: 'string', next: '@text' }],
      [/(?:[uU]&)?"/, { token: 'identifier.quoted', next: '@quoted' }],
      [/0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+/, 'number'],
      [/(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?/, 'number'],
      [/[\p{L}_][\p{L}\p{N}_$]*(?=\s*\()/u, { cases: { '@keywords': 'keyword', '@default': 'function' } }],
      [
        /[\p{L}_][\p{L}\p{N}_$]*/u,
        { cases: { '@keywords': 'keyword', '@typeNames': 'type', '@default': 'identifier' } },
      ],
      [/[()[\]]/, 'delimiter'],
      [/[;,.]/, 'delimiter'],
      [/::?=?|[-+*/<>=~!@#%^&|`?]+/, 'operator'],
    ],
    comment: [
      [/[^/*]+/, 'comment'],
      [/\/\*/, 'comment', '@push'],
      [/\*\//, 'comment', '@pop'],
      [/[/*]/, 'comment'],
    ],
    text: [
      [/[^']+/, 'string'],
      [/''/, 'string'],
      [/'/, 'string', '@pop'],
    ],
    escaped: [
      [/[^'\\]+/, 'string'],
      [/\\./, 'string.escape'],
      [/''/, 'string'],
      [/'/, 'string', '@pop'],
      [/\\/, 'string'],
    ],
    quoted: [
      [/[^"]+/, 'identifier.quoted'],
      [/""/, 'identifier.quoted'],
      [/"/, 'identifier.quoted', '@pop'],
    ],
    body: [
      [
        /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u,
        {
          cases: {
            '$0==$S2': { token: 'string.quote', next: '@pop' },
            '@default': { token: 'string.quote', next: '@dollar.$0' },
          },
        },
      ],
      { include: '@root' },
    ],
    dollar: [
      [/[^$]+/, 'string'],
      [
        /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u,
        { cases: { '$0==$S2': { token: 'string.quote', next: '@pop' }, '@default': 'string' } },
      ],
      [/\$/, 'string'],
    ],
  },
}
