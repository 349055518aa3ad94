/** The editor library's own worker, as an entry that the build can find. Nothing of this product runs in it. */

import 'monaco-editor/editor/editor.worker'
