/** Generated deployments of a release. */
export { packagedRecipe, type Packaged } from "./packaged.ts";
export { recipeName, renderRecipe, type RecipeFile, type RecipeOptions } from "./recipe.ts";
