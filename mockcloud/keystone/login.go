// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"context"
	"errors"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// proof is what one method of a request has shown.
type proof struct {
	userID string
	// password is the hash that was matched; the token is only issued if it still is the user's.
	password string
	// from is the token that was shown; the new one ends with it.
	from *Token
	// credential is the application credential that was shown, or that from came from.
	credential *ApplicationCredential
}

// prove checks one method. errDead when it fails, whatever the reason: the client is not told.
func (k *Keystone) prove(ctx context.Context, method string, in *authRequest) (proof, error) {
	switch method {
	case "password":
		if in.Identity.Password == nil {
			return proof{}, api.BadRequest("Expecting to find password in identity. The server could not comply with the request since it is either malformed or otherwise incorrect.")
		}
		return k.provePassword(ctx, &in.Identity.Password.User.userReference, in.Identity.Password.User.Password)
	case "token":
		if in.Identity.Token == nil {
			return proof{}, api.BadRequest("Expecting to find token in identity. The server could not comply with the request since it is either malformed or otherwise incorrect.")
		}
		return k.proveToken(ctx, in.Identity.Token.ID)
	case "application_credential":
		if in.Identity.Credential == nil {
			return proof{}, api.BadRequest("Expecting to find application_credential in identity. The server could not comply with the request since it is either malformed or otherwise incorrect.")
		}
		return k.proveCredential(ctx, in.Identity.Credential)
	default:
		return proof{}, challenged("Attempted to authenticate with an unsupported method.")
	}
}

func (k *Keystone) provePassword(ctx context.Context, who *userReference, password string) (proof, error) {
	user := &User{} // who does not exist costs as much time as who does
	err := k.store.View(ctx, func(tx store.Tx) error {
		found, err := who.find(tx)
		if err == nil {
			user = found
		}
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return proof{}, err
	}
	if !passwordMatches(user.Password, password) {
		return proof{}, errDead
	}
	return proof{userID: user.ID, password: user.Password}, nil
}

func (k *Keystone) proveToken(ctx context.Context, token string) (proof, error) {
	var h *holder
	err := k.store.View(ctx, func(tx store.Tx) (err error) {
		h, err = k.holderOf(tx, token)
		return err
	})
	if err != nil {
		return proof{}, err
	}
	if h.trust != nil { // its holder is not to have more of the trustor than the trust gives
		return proof{}, api.Forbidden("You are not authorized to perform the requested action: Trust-scoped tokens cannot be exchanged for others.")
	}
	return proof{userID: h.user.ID, from: h.token, credential: h.credential}, nil
}

func (k *Keystone) proveCredential(ctx context.Context, in *credentialProof) (proof, error) {
	credential := &ApplicationCredential{}
	err := k.store.View(ctx, func(tx store.Tx) error {
		found, err := in.find(tx)
		if err == nil {
			credential = found
		}
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return proof{}, err
	}
	if !passwordMatches(credential.Secret, in.Secret) {
		return proof{}, errDead
	}
	return proof{userID: credential.UserID, credential: credential}, nil
}

func (in *credentialProof) find(tx store.Tx) (*ApplicationCredential, error) {
	if in.ID != "" {
		return credentials.Get(tx, in.ID)
	}
	if in.User == nil {
		return nil, store.ErrNotFound
	}
	user, err := in.User.find(tx)
	if err != nil {
		return nil, err
	}
	return credentials.One(tx, "name", within(user.ID, in.Name)[0])
}

// login issues the token that a request asks for.
func (k *Keystone) login(ctx context.Context, in *authRequest) (string, *holder, error) {
	if len(in.Identity.Methods) == 0 {
		return "", nil, api.BadRequest("Invalid input for field/attribute methods. Value: []. [] is too short")
	}
	in.Identity.Methods = distinct(in.Identity.Methods)
	var shown []proof
	for _, method := range in.Identity.Methods {
		p, err := k.prove(ctx, method, in)
		if errors.Is(err, errDead) {
			return "", nil, challenged("The request you have made requires authentication.")
		}
		if err != nil {
			return "", nil, err
		}
		shown = append(shown, p)
	}
	if err := k.pruneIfDue(ctx); err != nil {
		return "", nil, err
	}
	var token string
	var h *holder
	err := k.store.Update(ctx, func(tx store.Tx) error {
		row, err := k.draft(tx, in, shown)
		if err != nil {
			return err
		}
		token, h, err = k.issue(tx, row)
		return err
	})
	if errors.Is(err, errDead) {
		return "", nil, challenged("The request you have made requires authentication.")
	}
	return token, h, err
}

// distinct are the methods without repetition, in their order, as in Keystone. Each costs a password's hash,
// and anybody may ask.
func distinct(methods []string) []string {
	var each []string
	for _, method := range methods {
		if !slices.Contains(each, method) {
			each = append(each, method)
		}
	}
	return each
}

// draft is the token to be issued. All proofs have to be of one user.
func (k *Keystone) draft(tx store.Tx, in *authRequest, shown []proof) (Token, error) {
	now := k.clock.Now()
	row := Token{
		UserID: shown[0].userID, Methods: slices.Clone(in.Identity.Methods), AuditIDs: []string{random(16)},
		Issued: now, Expires: now.Add(k.tokenLife),
	}
	for _, p := range shown {
		if p.userID != row.UserID {
			return row, errDead
		}
		if err := p.bind(tx, &row); err != nil {
			return row, err
		}
	}
	if row.CredentialID != "" {
		return row, in.Scope.confirm(tx, &row)
	}
	return row, in.Scope.apply(tx, &row)
}

// bind puts what a proof says into the token to be issued.
func (p *proof) bind(tx store.Tx, row *Token) error {
	if p.password != "" {
		if user, err := users.Get(tx, p.userID); err != nil || user.Password != p.password {
			return errors.Join(dead(err), errDead)
		}
	}
	if p.from != nil {
		first := p.from.AuditIDs[len(p.from.AuditIDs)-1]
		row.AuditIDs = append(row.AuditIDs[:1], first)
		row.Expires = p.from.Expires
		for _, method := range p.from.Methods {
			if !slices.Contains(row.Methods, method) {
				row.Methods = append(row.Methods, method)
			}
		}
	}
	if p.credential != nil {
		row.CredentialID, row.ProjectID = p.credential.ID, p.credential.ProjectID
	}
	return nil
}

// confirm allows the one scope that an application credential has to be named, and no other.
func (s *scopeRequest) confirm(tx store.Tx, row *Token) error {
	if s.Project == nil && s.Domain == nil && s.System == nil && s.Trust == nil && !s.unscoped {
		return nil
	}
	if s.Trust != nil {
		return challenged("Application credentials cannot request a scope.")
	}
	asked := Token{UserID: row.UserID}
	if err := s.apply(tx, &asked); err != nil {
		return err
	}
	if asked.ProjectID != row.ProjectID {
		return challenged("Application credentials cannot request a scope.")
	}
	return nil
}

// challenged is the 401 of a request for a token; the route adds the header that says where.
func challenged(message string) *api.Fault { return api.Unauthorized("%s", message) }
