/** Where the build puts what the libraries of the board fetch by name; see `boards.config.ts`. Each is fetched when it is needed. */
const boardAssets = '/_app/immutable/boards/';
export const excalidrawAssets = `${boardAssets}excalidraw/`;
export const pdfAssets = `${boardAssets}pdf6/`;
