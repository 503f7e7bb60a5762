package main

import (
	"fmt"
	"strconv"
)

const (
	chatModel       = "models.chat"
	embeddingsModel = "models.embeddings"
)

func (c call) chooseModel(key string, more settings) error {
	if len(c.words) != 1 {
		return fail(exitValidation, "one model is chosen, by its name")
	}
	path := c.configPath()
	config, err := readSettings(path)
	if err != nil {
		return err
	}
	config[key] = c.words[0]
	for name, value := range more {
		config[name] = value
	}
	if !faulty("models-forgotten") {
		if err := rewrite(path, config); err != nil {
			return err
		}
	}
	if c.json() {
		report := map[string]any{"target": key, "model": c.words[0], "path": path}
		if dims, ok := more[embeddingsModel+"_dims"]; ok {
			report["embeddings_dims"] = dims
		}
		printJSON(report)
		return nil
	}
	fmt.Printf("models.set key=%s model=%s\n", key, c.words[0])
	return nil
}

func modelsSet(c call) error { return c.chooseModel(chatModel, nil) }

func modelsSetEmbeddings(c call) error {
	more := settings{}
	if c.has("dims") {
		dims, err := strconv.ParseInt(c.options["dims"], 10, 32)
		if err != nil || dims < 1 {
			return fail(exitValidation, "--dims %s is not a count", c.options["dims"])
		}
		more[embeddingsModel+"_dims"] = dims
	}
	return c.chooseModel(embeddingsModel, more)
}

func modelsStatus(c call) error {
	config, err := readSettings(c.configPath())
	if err != nil {
		return err
	}
	chat, embeddings := config.text(chatModel), config.text(embeddingsModel)
	if c.json() {
		printJSON(map[string]any{"text_model": chat, "embeddings_model": embeddings, "embeddings_dims": config.number(embeddingsModel+"_dims", 0)})
		return nil
	}
	fmt.Printf("models.status chat=%s embeddings=%s\n", chat, embeddings)
	return nil
}
