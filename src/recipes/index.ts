/** Generated deployments of a release. */
export { recipeName, renderRecipe, type RecipeFile } from "./recipe.ts";
