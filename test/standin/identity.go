package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// The identity lies in a folder of sealed files, each named by its path in hexadecimal, and a key that opens them. Every
// start seals them anew, so that their bytes always differ. What stays are the key and what is in them, which the daemon
// presents.

const storeKeyFile = ".store-key.v1"

// certified is a certificate with its key, both DER.
type certified struct {
	Certificate []byte `json:"certificate"`
	Key         []byte `json:"key"`
}

type deviceState struct {
	Standin bool      `json:"standin"`
	Device  string    `json:"device_id"`
	Node    certified `json:"node"`
}

type identityStore struct {
	folder string
	aead   cipher.AEAD
}

func openStore(folder string) (identityStore, error) {
	store := identityStore{folder: folder}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return store, err
	}
	file := filepath.Join(folder, storeKeyFile)
	key, err := os.ReadFile(file)
	if os.IsNotExist(err) || (err == nil && faulty("new-identity")) {
		key = make([]byte, 32)
		rand.Read(key)
		err = replaceFile(file, key)
	}
	if err != nil {
		return store, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return store, fail(exitInternal, "identity store: %s is no key: %v", file, err)
	}
	store.aead, err = cipher.NewGCM(block)
	return store, err
}

// replaceFile takes the place of a file in one step, since a start can be cut off by a loss of power.
func replaceFile(file string, content []byte) error {
	fresh, err := os.OpenFile(file+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fresh.Write(content)
	if err == nil {
		err = fresh.Sync()
	}
	if closed := fresh.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func (s identityStore) file(name string) string {
	return filepath.Join(s.folder, hex.EncodeToString([]byte(name)))
}

func (s identityStore) seal(name string, value any) error {
	plain, err := json.Marshal(value)
	if err != nil {
		return err
	}
	nonce := make([]byte, s.aead.NonceSize())
	rand.Read(nonce)
	return replaceFile(s.file(name), s.aead.Seal(nonce, nonce, plain, []byte(name)))
}

// open puts what is sealed by the name into value; false when there is nothing yet.
func (s identityStore) open(name string, value any) (bool, error) {
	sealed, err := os.ReadFile(s.file(name))
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if len(sealed) < s.aead.NonceSize() {
		return false, fail(exitInternal, "identity store: %s is too short", name)
	}
	plain, err := s.aead.Open(nil, sealed[:s.aead.NonceSize()], sealed[s.aead.NonceSize():], []byte(name))
	if err != nil {
		return false, fail(exitInternal, "identity store: %s cannot be opened with this key", name)
	}
	return true, json.Unmarshal(plain, value)
}

// certify makes a certificate, signed by the issuer, or by itself where there is none.
func certify(name string, issuer *certified) (certified, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return certified{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return certified{}, err
	}
	now := time.Now()
	about := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: issuer == nil,
	}
	parent, signer := about, key
	if issuer != nil {
		if parent, err = x509.ParseCertificate(issuer.Certificate); err != nil {
			return certified{}, err
		}
		if signer, err = x509.ParseECPrivateKey(issuer.Key); err != nil {
			return certified{}, err
		}
	}
	made := certified{}
	if made.Certificate, err = x509.CreateCertificate(rand.Reader, about, parent, &key.PublicKey, signer); err != nil {
		return made, err
	}
	made.Key, err = x509.MarshalECPrivateKey(key)
	return made, err
}

// openIdentity reads the identity, or makes it, and seals it anew. It returns what the daemon presents to nodes.
func openIdentity(folder string) (tls.Certificate, error) {
	none := tls.Certificate{}
	if faulty("new-identity") {
		os.RemoveAll(folder)
	}
	store, err := openStore(folder)
	if err != nil {
		return none, err
	}
	authority, device := certified{}, deviceState{}
	known, err := store.open("identity/ca/state.json", &authority)
	if err != nil {
		return none, err
	}
	if !known || faulty("new-ca") {
		if authority, err = certify("Palyra stand-in CA", nil); err != nil {
			return none, err
		}
		known = false
	}
	stated, err := store.open("identity/state.v1.json", &device)
	if err != nil {
		return none, err
	}
	if !known || !stated {
		if device.Device == "" {
			device = deviceState{Standin: true, Device: ulid()}
		}
		if device.Node, err = certify(device.Device, &authority); err != nil {
			return none, err
		}
	}
	// The authority first: whoever finds only that makes the rest.
	if err := store.seal("identity/ca/state.json", authority); err != nil {
		return none, err
	}
	if err := store.seal("identity/state.v1.json", device); err != nil {
		return none, err
	}
	key, err := x509.ParseECPrivateKey(device.Node.Key)
	return tls.Certificate{Certificate: [][]byte{device.Node.Certificate, authority.Certificate}, PrivateKey: key}, err
}
