// Preloaded by scripts/with-tools: package names in our .mjs files are found in the tools' folder,
// so that no node_modules has to stand in the source tree.
import {registerHooks} from 'node:module';
import {pathToFileURL} from 'node:url';

const tools = pathToFileURL(`${process.env.NPM_TOOLS}/`).href;
const ours = new URL('../../', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const bare = !/^(node:|file:|data:|\.{0,2}\/)/.test(specifier);
    if (bare && context.parentURL?.startsWith(ours)) context = {...context, parentURL: tools};
    return next(specifier, context);
  },
});
