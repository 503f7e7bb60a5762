/** Generated deployments of a release. */
export { packagedRecipe, recipeName, type Packaged } from "./packaged.ts";
export { recipeNeeds, type Needs } from "./needs.ts";
export { renderRecipe, type RecipeFile, type RecipeOptions } from "./recipe.ts";
