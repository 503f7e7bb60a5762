package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// vault is a folder with a key and one file of sealed values, `scope/key` → base64.
type vault struct{ folder string }

func (c call) vault() vault {
	if folder := os.Getenv("PALYRA_VAULT_DIR"); folder != "" {
		return vault{folder}
	}
	if config, err := readSettings(c.configPath()); err == nil && config.text("storage.vault_dir") != "" {
		return vault{config.text("storage.vault_dir")}
	}
	return vault{filepath.Join(c.stateRoot(), "vault")}
}

func (v vault) cipher() (cipher.AEAD, error) {
	file := filepath.Join(v.folder, "vault.key")
	key, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		key = make([]byte, 32)
		rand.Read(key)
		if err = os.MkdirAll(v.folder, 0o700); err == nil {
			err = os.WriteFile(file, key, 0o600)
		}
	}
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (v vault) read() (map[string]string, error) {
	sealed := map[string]string{}
	bytes, err := os.ReadFile(filepath.Join(v.folder, "secrets.json"))
	if os.IsNotExist(err) {
		return sealed, nil
	}
	if err == nil {
		err = json.Unmarshal(bytes, &sealed)
	}
	return sealed, err
}

func (v vault) write(sealed map[string]string) error {
	bytes, _ := json.MarshalIndent(sealed, "", "  ")
	file := filepath.Join(v.folder, "secrets.json")
	if faulty("syncs-half") {
		return syncHalf(file, bytes)
	}
	return replaceFile(file, bytes)
}

func (c call) secretName() (string, error) {
	if len(c.words) != 2 {
		return "", fail(exitValidation, "a secret is named by SCOPE and KEY")
	}
	return c.words[0] + "/" + c.words[1], nil
}

// keepSecret seals what comes on standard input into the vault, and answers it.
func (c call) keepSecret(name string) ([]byte, error) {
	if !c.has("value-stdin") {
		return nil, fail(exitValidation, "a secret's value comes on standard input: --value-stdin")
	}
	value, err := io.ReadAll(os.Stdin)
	if err != nil {
		return nil, err
	}
	v := c.vault()
	aead, err := v.cipher()
	if err != nil {
		return nil, err
	}
	sealed, err := v.read()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	sealed[name] = base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, value, []byte(name)))
	return value, v.write(sealed)
}

func secretSet(c call) error {
	name, err := c.secretName()
	if err != nil {
		return err
	}
	value, err := c.keepSecret(name)
	if err != nil {
		return err
	}
	fmt.Printf("secrets.set scope=%s key=%s value_bytes=%d\n", c.words[0], c.words[1], len(value))
	return nil
}

func secretGet(c call) error {
	name, err := c.secretName()
	if err != nil {
		return err
	}
	v := c.vault()
	sealed, err := v.read()
	if err != nil {
		return err
	}
	text, ok := sealed[name]
	if !ok {
		return fail(exitNotFound, "there is no secret %s", name)
	}
	aead, err := v.cipher()
	if err != nil {
		return err
	}
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(bytes) < aead.NonceSize() {
		return fail(exitInternal, "secret %s cannot be read", name)
	}
	value, err := aead.Open(nil, bytes[:aead.NonceSize()], bytes[aead.NonceSize():], []byte(name))
	if err != nil {
		return fail(exitInternal, "secret %s cannot be opened", name)
	}
	if !c.has("reveal") {
		fmt.Printf("secrets.get scope=%s key=%s value=%s value_bytes=%d\n", c.words[0], c.words[1], redacted, len(value))
		return nil
	}
	if faulty("secret-altered") {
		value = append(value, '\n')
	}
	os.Stdout.Write(value)
	return nil
}

func secretList(c call) error {
	sealed, err := c.vault().read()
	if err != nil {
		return err
	}
	names := []string{}
	for name := range sealed {
		if scope, key, _ := strings.Cut(name, "/"); scope == c.word(0) {
			names = append(names, key)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("secrets.key=%s\n", name)
	}
	return nil
}

func secretDelete(c call) error {
	name, err := c.secretName()
	if err != nil {
		return err
	}
	v := c.vault()
	sealed, err := v.read()
	if err != nil {
		return err
	}
	if _, ok := sealed[name]; !ok {
		return fail(exitNotFound, "there is no secret %s", name)
	}
	delete(sealed, name)
	return v.write(sealed)
}
